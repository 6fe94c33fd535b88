"""The global hook: exceptions that nobody catches."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any, Callable, Optional

from ._gate import inside

if TYPE_CHECKING:
    from .orchestrator import SelfHealingOrchestrator


class GlobalHook:
    """Hooks of the main thread, of threads and of asyncio's tasks; each goes on to the one before it."""

    def __init__(self, healer: "SelfHealingOrchestrator") -> None:
        self._healer = healer
        self._installed = False
        self._excepthook: Callable[..., Any] = sys.excepthook
        self._threading_hook: Callable[..., Any] = threading.excepthook
        self._loop_handler: Optional[Callable[..., Any]] = None
        # Kept as they are set, so that removing can tell whether somebody has come after.
        self._mine = (self._on_exception, self._on_thread)

    def install(self) -> None:
        """Puts the hooks in."""
        self._excepthook, self._threading_hook = sys.excepthook, threading.excepthook
        sys.excepthook, threading.excepthook = self._mine
        self._installed = True
        self._install_asyncio()

    def _install_asyncio(self) -> None:
        from asyncio import base_events

        earlier = base_events.BaseEventLoop.default_exception_handler
        hook = self

        def default_exception_handler(loop: Any, context: Any) -> Any:
            hook._heal(context.get("exception"))
            return earlier(loop, context)

        self._loop_handler, self._loop_earlier = default_exception_handler, earlier
        base_events.BaseEventLoop.default_exception_handler = (  # type: ignore[method-assign]
            default_exception_handler  # type: ignore[assignment]
        )

    def remove(self) -> None:
        """Takes the hooks out; where another one has come after, this one only goes quiet."""
        self._installed = False
        if sys.excepthook is self._mine[0]:
            sys.excepthook = self._excepthook
        if threading.excepthook is self._mine[1]:
            threading.excepthook = self._threading_hook
        from asyncio import base_events

        if base_events.BaseEventLoop.default_exception_handler is self._loop_handler:
            base_events.BaseEventLoop.default_exception_handler = self._loop_earlier  # type: ignore[method-assign]

    def _on_exception(self, kind: Any, error: Any, tb: Any) -> None:
        self._heal(error)
        self._excepthook(kind, error, tb)

    def _on_thread(self, args: Any) -> None:
        self._heal(args.exc_value)
        self._threading_hook(args)

    def _heal(self, error: Any) -> None:
        if not self._installed or not isinstance(error, Exception) or inside.get():
            return
        try:
            self._healer.heal(error)
        except Exception:
            import logging

            logging.getLogger("self_healing").exception("healing failed")
