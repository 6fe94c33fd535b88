row = {"col1": 1}
print(row["col2"])
