names = ["bob", "ann"]
ordered = names.sort()
print(ordered[0])
