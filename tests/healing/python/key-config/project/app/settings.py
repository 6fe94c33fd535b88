DATABASE = {"user_name": "ann", "host": "db1", "port": 5432}
