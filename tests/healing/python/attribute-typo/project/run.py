from bank import Account

account = Account("ann")
account.deposit(10)
print(account.balanse)
