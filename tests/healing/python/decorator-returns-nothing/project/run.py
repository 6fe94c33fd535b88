import functools


def loud(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args).upper()


@loud
def greet(name):
    return "hi " + name


print(greet("ann"))
