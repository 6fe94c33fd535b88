text = "abc"
if text.contains("b"):
    print("yes")
