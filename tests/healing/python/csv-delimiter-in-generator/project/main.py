import csv
from pathlib import Path

HERE = Path(__file__).resolve().parent


def rows(name):
    with (HERE / "data" / name).open(newline="") as handle:
        yield from csv.DictReader(handle)


print(sum(int(r["units"]) for r in rows("s.csv")))
