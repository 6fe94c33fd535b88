total = 0
with open("data.txt") as handle:
    for line in handle:
        fields = line.rstrip("\n").split(",")
        total += int(fields[1])
print(total)
