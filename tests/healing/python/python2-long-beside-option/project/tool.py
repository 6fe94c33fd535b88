import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--long", action="store_true", help="use the long format")
args = parser.parse_args([])
size = long(3)
print(size, args.long)
