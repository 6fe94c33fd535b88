"""One healing at a time in this process.

Several threads may fail for one reason at once: the first heals, the others wait and try again. A protected
function that fails while it is called again as part of a session belongs to that session.
"""

from __future__ import annotations

import contextvars
import os
import threading
from contextlib import contextmanager
from typing import Iterator

inside: "contextvars.ContextVar[bool]" = contextvars.ContextVar("self_healing_inside", default=False)
"""This code runs as part of a session: what fails in it is the session's business."""

# Threads that a function starts may fail while that function is called again and waits for them: waiting for
# ever for its session would be a deadlock.
_PATIENCE = 30.0


class Gate:
    """See the module."""

    def __init__(self) -> None:
        self._reset()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._reset)

    def _reset(self) -> None:
        self._changed = threading.Condition(threading.Lock())
        self._taken = False
        self._calling = False
        self.generation = 0
        """Counts the sessions that have healed something."""

    @contextmanager
    def session(self) -> Iterator[bool]:
        """Waits for the session of another thread; whether this one may begin."""
        with self._changed:
            free = True
            while self._taken and free:
                if self._calling:
                    free = self._changed.wait_for(lambda: not self._taken, _PATIENCE)
                else:
                    self._changed.wait()
            if free:
                self._taken = True
        if not free:
            yield False
            return
        try:
            yield True
        finally:
            with self._changed:
                self._taken = False
                self._calling = False
                self._changed.notify_all()

    @contextmanager
    def calling(self) -> Iterator[None]:
        """The session's own call of what had failed."""
        with self._changed:
            self._calling = True
            self._changed.notify_all()
        token = inside.set(True)
        try:
            yield
        finally:
            inside.reset(token)
            with self._changed:
                self._calling = False

    def healed(self) -> None:
        """A session has healed something: whoever waits should try again first."""
        with self._changed:
            self.generation += 1


gate = Gate()
