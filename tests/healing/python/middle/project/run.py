values = [1, 2, 3]
middle = len(values) / 2
print(values[middle])
