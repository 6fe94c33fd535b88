from models import User, load

for user in load():
    if user.deleted:
        continue
    print(user.name)
