TEMPLATE = "x"
print("{nmae} has {count}".format(name="ann", count=3))
