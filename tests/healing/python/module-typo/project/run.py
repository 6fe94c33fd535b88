import os

print(os.path.exits("run.py"))
