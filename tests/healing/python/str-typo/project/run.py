line = "a,b"
print(line.spilt(","))
