from lib.parse import parse

rows = parse("a=1;b=2")
print(sorted(rows.items()))
