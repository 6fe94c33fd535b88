import json
cfg = json.load(open("config.json"))
for name in cfg["host"]:
    print(name)
