from helpres import one

print(one())
