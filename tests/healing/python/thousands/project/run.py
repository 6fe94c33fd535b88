def parse(text):
    return int(text)


print(parse("1,200"))
