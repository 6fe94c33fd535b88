class Box:
    def __init__(self):
        self.weight = 5

    def show(self):
        return weight


print(Box().show())
