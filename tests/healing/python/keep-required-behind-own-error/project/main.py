import json


class ConfigError(Exception):
    pass


def load(path):
    with open(path) as handle:
        data = json.load(handle)
    try:
        return data["token"]
    except KeyError as error:
        raise ConfigError("bad config %s: token missing" % path) from error


print(load("app.json"))
