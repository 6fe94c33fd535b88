rows = [1, 2, 3]
print("count: " + len(rows) + "!")
