print(float("1,234"))
