from decimal import Decimal

price = Decimal("1.00")
print(price * 1.5)
