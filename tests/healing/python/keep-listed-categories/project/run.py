totals = {"food": 0, "rent": 0}
for name, amount in [("food", 1), ("fun", 2)]:
    totals[name] += amount
print(totals)
