users = {"ann": "Ann"}
print(users.get("bob").upper())
