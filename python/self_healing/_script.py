"""Scripts run in this interpreter."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Dict, Optional

from ._source import SourceWatch
from .detector import DetectedError, from_exception
from .results import HealingSession

if TYPE_CHECKING:
    from .orchestrator import SelfHealingOrchestrator


class _Script:
    """One script; every call runs it from the start."""

    def __init__(
        self, path: str, globals_dict: Optional[Dict[str, Any]], locals_dict: Optional[Dict[str, Any]]
    ) -> None:
        self.path = path
        self._globals = globals_dict
        self._locals = locals_dict
        self._start = dict(globals_dict or {})
        self._start_locals = dict(locals_dict or {})
        self.exit_code: Any = 0

    def __call__(self) -> Dict[str, Any]:
        names = dict(self._start)
        names.update(__name__="__main__", __file__=self.path, __builtins__=__builtins__)
        own = names if self._locals is None else dict(self._start_locals)
        with open(self.path, "rb") as file:
            code = compile(file.read(), self.path, "exec", dont_inherit=True)
        folder = os.path.dirname(os.path.abspath(self.path))
        sys.path.insert(0, folder)
        try:
            exec(code, names, own)
        except SystemExit as end:
            # The script's own end, not this program's.
            self.exit_code = end.code
        finally:
            if folder in sys.path:
                sys.path.remove(folder)
            if self._globals is not None:
                self._globals.update(names)
            if self._locals is not None:
                self._locals.update(own)
        return names


def run(
    healer: "SelfHealingOrchestrator",
    path: str,
    globals_dict: Optional[Dict[str, Any]],
    locals_dict: Optional[Dict[str, Any]],
) -> HealingSession:
    """Runs a script, and heals it where it fails."""
    script = _Script(path, globals_dict, locals_dict)
    session = HealingSession(healer, None)
    session.attempts = 1
    try:
        session.result = script()
    except Exception as error:
        detected = _detect(error, path)
        session = healer._session(detected, script, SourceWatch())
        session.exit_code = 0 if session.success else 1
    else:
        session.final_result = "success"
    if session.success:
        session.exception = None
        code = script.exit_code
        session.exit_code = code if isinstance(code, int) else 0 if code is None else 1
        if session.exit_code != 0:
            session.final_result = "failed"
            session.reason = f"the script ended with {code!r}"
    return session


def _detect(error: Exception, path: str) -> DetectedError:
    detected = from_exception(error, path)
    # What would run it as a command.
    detected.command = [sys.executable or "python3", path]
    return detected
