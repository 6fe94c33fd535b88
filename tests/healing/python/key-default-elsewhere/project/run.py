def show(cfg):
    print(cfg.get("timeout", 30), end=" ")


def connect(cfg):
    show(cfg)
    timeout = cfg.get("timeout", 30) if cfg["host"] == "x" else cfg["timeout"]
    return cfg["host"], timeout


print(connect({"host": "db1"}))
