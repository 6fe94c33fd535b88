# Write unicode text
KINDS = {"unicode": 1, "ascii": 2}
name = unicode("x")
print(name, KINDS["unicode"], sorted(KINDS))
