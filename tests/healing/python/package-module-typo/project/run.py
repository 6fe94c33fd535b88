from app.utlis import one

print(one())
