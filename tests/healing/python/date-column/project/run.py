import csv
from datetime import datetime

with open("days.csv") as handle:
    days = [datetime.strptime(row["day"], "%Y-%m-%d") for row in csv.DictReader(handle)]
print(max(days).date())
