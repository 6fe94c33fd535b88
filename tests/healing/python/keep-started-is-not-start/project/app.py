class Server:
    def __init__(self):
        self.port = 80

    def start(self):
        self.port = 8080

    def status(self):
        return "up" if self.started else "down"


print(Server().status())
