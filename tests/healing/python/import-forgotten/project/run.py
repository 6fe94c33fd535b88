"""Prints."""


def show(value):
    print(json.dumps(value))


show({"a": 1})
