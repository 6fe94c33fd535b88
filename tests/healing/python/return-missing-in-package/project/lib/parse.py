"""Parsing."""


def parse(text):
    """Pairs of a text."""
    result = {}
    for part in text.split(";"):
        key, value = part.split("=")
        result[key] = int(value)
