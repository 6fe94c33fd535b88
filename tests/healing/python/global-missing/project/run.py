count = 0


def step():
    """Counts."""
    count += 1


step()
step()
print(count)
