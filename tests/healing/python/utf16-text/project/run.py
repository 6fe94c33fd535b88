with open("p.txt", encoding="utf-8") as handle:
    print(handle.read())
