import re

print(re.match(r"v(\d+)", "x1").group(1))
