def shipping(row):
    return row.get("weight", 0) * 2


def price(row):
    return row["qty"] * row["weight"] * row["rate"]


print(shipping({"kind": "letter"}))
print(price({"qty": 2, "rate": 3}))
