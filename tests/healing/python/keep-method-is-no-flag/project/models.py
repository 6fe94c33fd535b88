class User:
    def __init__(self, name):
        self.name = name

    def delete(self):
        self.name = None


def load():
    return [User("ann"), User("bob")]
