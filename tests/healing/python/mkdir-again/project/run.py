import os

os.mkdir("data")
print("ok")
