class Registry(dict):
    def register(self, name, value):
        self[name] = value


plugins = {"csv": 1, "json": 2}
for name in ("csvs",):
    pass
print(plugins["jsonl"])
