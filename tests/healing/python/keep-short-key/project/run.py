point = {"lat": 1, "lon": 2}
print(point["alt"])
