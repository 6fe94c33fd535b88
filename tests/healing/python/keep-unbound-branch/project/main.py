def level(score):
    if score > 90:
        name = "gold"
    elif score > 50:
        name = "silver"
    return name


print(level(10))
