import json
cfg = json.load(open("config.json"))
print("connecting to", cfg["host"])
