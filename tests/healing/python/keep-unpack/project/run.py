a, b = "x y z".split()
