import csv

with open("p.csv", encoding="utf-8") as handle:
    for row in csv.DictReader(handle):
        print(row["name"], row["n"])
