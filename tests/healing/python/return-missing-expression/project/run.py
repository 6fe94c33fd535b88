def square(x):
    """The square."""
    x * x


print(square(3) + 0)
