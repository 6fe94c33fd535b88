values = [1, 2, 3]
total = 0
for i in range(len(values) + 1):
    total += values[i]
print(total)
