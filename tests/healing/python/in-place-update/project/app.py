defaults = {"a": 1}
user = {"b": 2}
settings = defaults.update(user)
for key in sorted(settings):
    print(key, settings[key])
