def count(path):
    seen = {}
    with open(path) as handle:
        for line in handle:
            for word in line.split():
                seen[word] += 1
    return seen
