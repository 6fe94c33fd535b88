import sqlite3

db = sqlite3.connect("app.db")
print(db.execute("select count(*) from user").fetchone())
