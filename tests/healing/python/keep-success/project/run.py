print("Traceback (most recent call last): ... KeyError: 'x' error failed")
