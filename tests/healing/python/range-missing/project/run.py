values = ["a", "b"]
found = []
for i in len(values):
    found.append(i)
print(*found)
