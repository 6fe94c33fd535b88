from helpers import laod_rows

print(laod_rows())
