import json
import sys


def describe(cfg):
    print("user", cfg.get("user", "-"), file=sys.stderr)


def connect(cfg):
    describe(cfg)
    return "postgres://%s@%s" % (cfg["user"], cfg["host"])


cfg = json.load(open("db.json"))
print(connect(cfg))
