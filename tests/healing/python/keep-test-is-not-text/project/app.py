print(len(open("data/test.txt").read()))
