import csv

total = 0
for row in csv.DictReader(open("s.csv")):
    total += row["code"]
print(total)
