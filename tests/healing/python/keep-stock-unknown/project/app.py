import csv

stock = {}


def load(path):
    for row in csv.DictReader(open(path)):
        stock[row["sku"]] = int(row["count"])


load("stock.csv")
for sku in ["a1", "b9"]:
    stock[sku] -= 1
print(stock)
