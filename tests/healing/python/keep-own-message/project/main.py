import sys

sys.exit("config file missing: app.toml")
