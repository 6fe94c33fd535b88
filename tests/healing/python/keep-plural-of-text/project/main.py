import json
cfg = json.load(open("config.json"))
for name in cfg["hosts"]:
    print(name)
