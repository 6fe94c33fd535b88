import csv

with open("people.csv", encoding="utf-8") as handle:
    for row in csv.DictReader(handle):
        print(row["name"])
