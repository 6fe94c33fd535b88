price = "$12.50"
print(float(price) * 2)
