SETTINGS = {
    "hots": "db1",
    "port": 5432,
}
print(SETTINGS["host"], SETTINGS["host"])
