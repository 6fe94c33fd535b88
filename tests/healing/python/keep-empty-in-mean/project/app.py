import csv

ages = [int(row["age"]) for row in csv.DictReader(open("people.csv"))]
print(sum(ages) / len(ages))
