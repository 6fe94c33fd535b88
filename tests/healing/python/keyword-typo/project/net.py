def connect(host, timeout=1):
    return host, timeout
