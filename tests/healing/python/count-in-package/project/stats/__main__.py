import sys
from .core import count

if __name__ == "__main__":
    for word, n in sorted(count(sys.argv[1]).items()):
        print(word, n)
