groups = {}
for word in ["ape", "bee", "ant"]:
    groups[word[0]].append(word)
print(groups)
