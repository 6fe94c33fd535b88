items = ["b"]
items = items.append("a")
print(len(items), items)
