import re

NAME = re.compile(r"name=(\w+)")
AGE = re.compile(r"age=(\d+)")
out = []
for line in ["name=ann age=3", "garbage", "name=bob"]:
    found = NAME.search(line)
    if found is None:
        continue
    age = AGE.search(line)
    out.append((found.group(1), int(age.group(1))))
print(out)
