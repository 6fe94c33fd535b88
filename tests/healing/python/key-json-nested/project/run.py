import json

with open("people.json") as handle:
    people = json.load(handle)

for person in people:
    print(person["address"]["ctiy"])
