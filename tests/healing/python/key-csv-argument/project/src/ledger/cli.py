"""Command line."""
import argparse
import sys

from ledger.reports import monthly
from ledger.store import load


def main(argv=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    args = parser.parse_args(argv)
    for month, total in monthly(load(args.file)):
        print("%s %.2f" % (month, total))
    return 0


if __name__ == "__main__":
    sys.exit(main())
