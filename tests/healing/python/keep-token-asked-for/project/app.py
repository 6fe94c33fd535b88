import os

if not os.environ.get("API_TOKEN_X", ""):
    print("warning: no token")
print("token length", len(os.environ["API_TOKEN_X"]))
