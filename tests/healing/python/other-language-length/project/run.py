names = ["a", "b"]
print(names.length)
