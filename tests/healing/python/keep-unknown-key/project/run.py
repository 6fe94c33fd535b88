config = {"host": "db1"}
print(config["password"])
