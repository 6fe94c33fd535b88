limits = {"min_size": 3}
print(limits["max_size"])
