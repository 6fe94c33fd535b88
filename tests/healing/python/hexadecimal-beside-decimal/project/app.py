import csv

for row in csv.DictReader(open("regs.csv")):
    print(row["name"], int(row["value"]))
