class Account:
    def __init__(self, start):
        self.balence = start

    def add(self, amount):
        total = self.balance + amount
        return total, self.balance + amount


print(*Account(1).add(2))
