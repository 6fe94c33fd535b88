print("na\u00efve")
