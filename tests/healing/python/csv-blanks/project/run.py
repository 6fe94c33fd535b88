import csv

rows = []
with open("n.csv") as handle:
    for row in csv.DictReader(handle):
        rows.append(row["n"])
print(*rows)
