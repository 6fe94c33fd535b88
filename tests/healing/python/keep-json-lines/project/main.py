import json

rows = json.load(open('c.json'))
print(len(rows))
