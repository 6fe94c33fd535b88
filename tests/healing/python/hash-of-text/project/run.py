import hashlib

name = "a"
print(hashlib.md5(name).hexdigest())
