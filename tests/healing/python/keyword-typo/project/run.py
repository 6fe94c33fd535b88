from net import connect

print(*connect("db1", timout=3))
