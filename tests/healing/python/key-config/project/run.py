from app.settings import DATABASE


def address(database):
    return "{}@{}:{}".format(database["username"], database["host"], database["port"])


CONFIG = {"user_name": "ann", "host": "db1", "port": 5432}
print(address(CONFIG))
