import os

LOCK = "job.lock"
os.mkdir(LOCK)
print("working")
os.rmdir(LOCK)
