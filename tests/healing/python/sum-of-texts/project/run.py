import csv

total = 0
with open("d.csv") as handle:
    for row in csv.DictReader(handle):
        total += row["n"]
print(total)
