def send(to, retries=0, entry=None):
    return "%s: %s" % (to, retries)
