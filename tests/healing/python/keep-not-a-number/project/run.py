print(sum(float(x) for x in ["1", "n/a"]))
