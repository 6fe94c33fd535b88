"""Monthly sales report: `python report.py` prints one line a region."""

import sys
from pathlib import Path

import yaml

from sales.loader import load
from sales.summary import summarise

HERE = Path(__file__).parent


def main() -> int:
    settings = yaml.safe_load((HERE / "settings.yml").read_text())
    orders = load(HERE / settings["data"])
    for region, total, mark in summarise(orders, settings["targets"]):
        print(f"{region:<6} {total:>9.2f} {settings['currency']} {mark}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
