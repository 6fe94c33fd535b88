def clean(row):
    row.pop("name")
    return row


row = {"name": "a", "names": "b"}
clean(row)
print(row["name"])
