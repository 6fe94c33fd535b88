import json

with open("c.json", encoding="utf-8") as handle:
    print(json.load(handle)["a"])
