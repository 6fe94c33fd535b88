import pickle
import tempfile
import os

path = os.path.join(tempfile.mkdtemp(), "x.bin")
with open(path, "w") as handle:
    pickle.dump({"a": 1}, handle)
with open(path, "rb") as handle:
    print(pickle.load(handle))
