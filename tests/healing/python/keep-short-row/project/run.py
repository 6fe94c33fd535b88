for line in open("d.txt"):
    fields = line.strip().split(",")
    print(fields[2])
