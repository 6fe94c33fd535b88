import os

run = "run-7"
os.mkdir(run)
with open(os.path.join(run, "result.txt"), "w") as handle:
    handle.write("ok")
print("done")
