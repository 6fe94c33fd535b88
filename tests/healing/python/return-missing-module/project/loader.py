def load(path):
    settings = {}
    with open(path) as handle:
        for line in handle:
            key, value = line.strip().split("=")
            settings[key] = value
