"""Sessions whose next call is made elsewhere: in a coroutine, or in the body of a loop.

The engine works in a thread of its own; when it wants what failed to be run again, it hands the baton over and
waits for the outcome.
"""

from __future__ import annotations

import contextvars
import queue
import threading
from typing import Any, Callable, Optional, Tuple

from .results import HealingSession

Message = Tuple[str, Any]


class Baton:
    """See the module.

    ``post`` is told ``("call", None)`` and at last ``("done", session)`` or ``("broken", error)``.
    """

    def __init__(self, post: Callable[[Message], Any]) -> None:
        self._post = post
        self._replies: "queue.SimpleQueue[Message]" = queue.SimpleQueue()
        self._stop: Optional[BaseException] = None

    def start(self, heal: Callable[[Callable[[], Any]], HealingSession]) -> None:
        """Begins a session; ``heal`` gets the function that calls again."""
        context = contextvars.copy_context()

        def work() -> None:
            try:
                session = context.run(heal, self.call)
            except BaseException as error:
                self._post(("broken", error))
            else:
                self._post(("done", session))

        threading.Thread(target=work, name="self-healing", daemon=True).start()

    def call(self) -> Any:
        """In the engine's thread: has the call made, and gives or raises its outcome."""
        if self._stop is None:
            self._post(("call", None))
            kind, value = self._replies.get()
            if kind == "value":
                return value
            raise value
        raise self._stop

    def reply(self, kind: str, value: Any) -> None:
        """In the caller's thread: the outcome of the call, ``value`` or ``error``."""
        self._replies.put((kind, value))

    def stop(self, reason: BaseException) -> None:
        """The caller gives up: the session ends at its next call."""
        self._stop = reason
