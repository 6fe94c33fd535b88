"""Orders from a CSV file."""

import csv
from dataclasses import dataclass


@dataclass
class Order:
    region: str
    amount: float
    returned: bool


def load(path):
    """All orders of the file, returned ones too."""
    orders = []
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            returned = row["returned"] == "yes"
            orders.append(Order(row["region"], float(row["amount"]), returned))
    return orders
