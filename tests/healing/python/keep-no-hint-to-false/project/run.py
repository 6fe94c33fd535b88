def show():
    return value


show()
