groups = {}
for team in ("red", "blue"):
    groups[team] = []
for name, team in [("ann", "red"), ("bob", "bleu")]:
    groups[team].append(name)
print(groups)
