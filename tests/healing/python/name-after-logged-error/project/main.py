import logging

logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")
log = logging.getLogger("app")


def optional():
    try:
        return {}["cache"]
    except KeyError:
        log.exception("no cache, going on")


def main():
    optional()
    names = ["b", "a"]
    print(sotred(names))


main()
