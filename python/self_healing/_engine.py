"""The engine for a configuration: made when it is first needed, and again when settings or folder change."""

from __future__ import annotations

import json
import os
import sys
from typing import Any, Callable, Dict, List, Optional, Tuple

from . import _native
from .config import SelfHealingConfig, environment_name

_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep


def own_frame(filename: str) -> bool:
    """Whether a frame is this package's."""
    return os.path.abspath(filename).startswith(_HERE)


def current_folder() -> str:
    """The current folder, or the root where it was removed."""
    try:
        return os.getcwd()
    except OSError:
        return os.sep


def exception_text(error: BaseException) -> str:
    """What Python would print for an exception, without this package's frames before the user's own."""
    import traceback

    tb = error.__traceback__
    while tb is not None and own_frame(tb.tb_frame.f_code.co_filename):
        tb = tb.tb_next
    return "".join(traceback.format_exception(type(error), error, tb))


def sources_in_memory(error: BaseException, folder: str) -> Dict[str, Tuple[str, str]]:
    """Source of an exception's frames that is in no file (cells, prompts), by file name: a name that stands for
    the file, and the source."""
    import linecache

    found: Dict[str, Tuple[str, str]] = {}
    seen: List[BaseException] = []
    waiting: List[Optional[BaseException]] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or any(one is other for other in seen):
            continue
        seen.append(one)
        waiting += [one.__cause__, one.__context__]
        tb = one.__traceback__
        while tb is not None:
            name = tb.tb_frame.f_code.co_filename
            if name not in found and not os.path.exists(name):
                lines = linecache.getlines(name, tb.tb_frame.f_globals)
                if lines:
                    plain = os.path.basename(name).strip("<>")
                    found[name] = (os.path.join(folder, f"[{plain}]"), "".join(lines))
            tb = tb.tb_next
    return found


def interpreter() -> List[str]:
    """This program as a command: the running interpreter, and its script where it has one.

    The script's own arguments are left out: a function is called again here, not the command.
    """
    program = sys.executable or "python3"
    script = sys.argv[0] if sys.argv else ""
    return [program, script] if script and os.path.isfile(script) else [program]


class EngineSource:
    """Gives the engine for a configuration."""

    def __init__(self, config: SelfHealingConfig, log_directory: Optional[str] = None) -> None:
        self.config = config
        self.log_directory = log_directory
        self.validators: List[Callable[..., Any]] = []
        self._made: Optional[Tuple[Tuple[str, bool], "_native.Engine"]] = None

    @property
    def root(self) -> str:
        """The project around the current folder."""
        return str(_native.project_root(current_folder()))

    @property
    def log_dir(self) -> str:
        """The log directory, absolute."""
        if self.log_directory is not None:
            return self.log_directory
        return self.config._log_dir(self.root)

    def engine(self) -> "_native.Engine":
        """The engine. Raises ``ValueError`` where a setting or a rule pack is not right."""
        settings = json.dumps({"config": self.config.to_dict(), "root": self.root, "log_dir": self.log_dir})
        key = (settings, bool(self.validators))
        if self._made is None or self._made[0] != key:
            check = self._run_validators if self.validators else None
            self._made = (key, _native.Engine(settings, check))
        return self._made[1]

    def _run_validators(self, paths: List[str]) -> Optional[str]:
        for validator in self.validators:
            why = _verdict(validator, paths)
            if why is not None:
                return why
        return None

    def request(self, error: Any) -> str:
        """An error as the engine wants to be told about it."""
        request: Dict[str, Any] = {
            "text": error.text(),
            "argv": error.command,
            "environment": environment_name(error.environment),
            "cwd": error.cwd or current_folder(),
            "code": error.exit_code if error.exit_code is not None else 1,
        }
        if error.exception is not None:
            if not error.command:
                request["argv"] = interpreter()
            for name, (path, source) in sources_in_memory(error.exception, request["cwd"]).items():
                request["text"] = request["text"].replace(f'File "{name}"', f'File "{path}"')
                request.setdefault("sources", {})[path] = source
        elif error.file_path and os.path.isfile(error.file_path):
            request["file"] = error.file_path
        if not request["argv"] and request["environment"] == "python":
            # The interpreter that this is about is the one that runs here.
            request["argv"] = [sys.executable or "python3", *([request["file"]] if "file" in request else [])]
        return json.dumps(request)


def _verdict(validator: Callable[..., Any], *args: Any) -> Optional[str]:
    """What a registered validator says: ``None`` where it is content."""
    try:
        verdict = validator(*args)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    if verdict is None or verdict is True:
        return None
    if verdict is False:
        return f"{getattr(validator, '__name__', 'a validator')} says no"
    success = getattr(verdict, "success", None)
    if success is not None:
        return None if success else str(getattr(verdict, "message", "") or "a validator says no")
    return str(verdict)
