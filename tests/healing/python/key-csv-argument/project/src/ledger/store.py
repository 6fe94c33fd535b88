import csv
from dataclasses import dataclass
from datetime import date


@dataclass
class Entry:
    day: date
    amount: float
    note: str = ""


def load(path):
    with open(path, newline="") as handle:
        return [Entry(date.fromisoformat(row["day"]), float(row["amonut"]), row["note"]) for row in csv.DictReader(handle)]
