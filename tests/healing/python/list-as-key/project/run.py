grid = {}
grid[[1, 2]] = "a"
print(grid)
