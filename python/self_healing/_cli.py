"""The command ``heal``."""

from __future__ import annotations

import sys
from typing import NoReturn


def main() -> NoReturn:
    """Runs the command line of the engine in this process."""
    import signal

    # A command's signals are the command's: Python's own handling would only get in between.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from . import _native

    sys.exit(_native.main(["heal", *sys.argv[1:]]))


if __name__ == "__main__":
    main()
