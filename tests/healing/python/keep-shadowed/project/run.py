from statistics import median

print(median([1, 2]))
