import sys

sys.exit("no rows: KeyError handled")
