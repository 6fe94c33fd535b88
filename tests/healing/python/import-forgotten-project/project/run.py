print(add_all([1, 2]))
