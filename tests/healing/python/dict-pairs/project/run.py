ages = {"ann": 1}
for name, age in ages:
    print(name, age)
