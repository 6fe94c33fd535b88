from loader import load

print(load("app.conf").get("port"))
