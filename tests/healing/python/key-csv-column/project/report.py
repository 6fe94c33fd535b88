"""Sums a column of the orders."""
import csv


def total(path):
    result = 0.0
    with open(path) as handle:
        for row in csv.DictReader(handle):
            result += float(row["amout"])
    return result


if __name__ == "__main__":
    print(total("orders.csv"))
