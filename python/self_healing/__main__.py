"""``python -m self_healing`` is ``heal``."""

from ._cli import main

if __name__ == "__main__":
    main()
