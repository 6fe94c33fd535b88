def send(to, subject="", body=""):
    return "%s: %s" % (to, subject)
