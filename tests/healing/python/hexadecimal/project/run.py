text = "0x1F"
print(int(text))
