config = {"host": "db1", "port": 1}
print(config.host)
