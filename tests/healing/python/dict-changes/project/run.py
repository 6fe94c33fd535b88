stock = {"a": 1, "b": 0, "c": 0}
for name in stock:
    if not stock[name]:
        del stock[name]
print(stock)
