with open("conifg.json") as handle:
    print(handle.read().strip())
