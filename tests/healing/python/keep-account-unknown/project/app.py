balances = {}
for name, amount in [("ann", 10), ("bob", 5)]:
    balances[name] = amount
for name, amount in [("ann", 3), ("bbo", 4)]:
    balances[name] += amount
print(balances)
