def connect(host, port):
    return host


connect("db1")
