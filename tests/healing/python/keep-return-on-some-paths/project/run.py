def grade(points):
    if points > 50:
        return "pass"
    elif points > 20:
        return "retry"


print("grade: " + grade(3))
