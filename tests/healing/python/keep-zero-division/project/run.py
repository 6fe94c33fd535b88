values = []
print(sum(values) / len(values))
