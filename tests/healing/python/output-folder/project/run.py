with open("out/report.txt", "w") as handle:
    handle.write("x")
print("written")
