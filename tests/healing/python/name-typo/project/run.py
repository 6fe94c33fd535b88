def total(prices):
    result = 0
    for price in prices:
        result += price
    return resutl


print(total([1, 2, 3]))
