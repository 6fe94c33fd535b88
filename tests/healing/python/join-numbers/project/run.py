ids = [1, 2]
print(",".join(ids))
