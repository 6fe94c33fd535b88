"""New source in a running program.

When a fix has edited files whose functions are already in memory, their code is exchanged in place: the
function objects stay, and with them closures, defaults, decorators, attributes and everybody who holds
them. Imports that the fix has added at the top of a file are carried out in its module. What cannot be
carried over is left as it is: then the next call fails again, and the fix is taken back.
"""

from __future__ import annotations

import ast
import gc
import importlib
import linecache
import os
import sys
from types import CodeType, FunctionType, ModuleType
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

_Path = Tuple[Tuple[str, int], ...]


def _children(code: CodeType) -> Iterator[CodeType]:
    return (const for const in code.co_consts if isinstance(const, CodeType))


def _tree(code: CodeType, path: _Path = ()) -> Iterator[Tuple[_Path, CodeType]]:
    """All code objects of a file by their names from the outside in, and how often each came before."""
    seen: Dict[str, int] = {}
    for child in _children(code):
        number = seen.get(child.co_name, 0)
        seen[child.co_name] = number + 1
        here = (*path, (child.co_name, number))
        yield here, child
        yield from _tree(child, here)


def _compile(source: bytes, name: str) -> Optional[CodeType]:
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return compile(source, name, "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return None


def _read(path: str) -> Optional[bytes]:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None


class SourceWatch:
    """Remembers source files as they were loaded, and carries changes of them over into the program."""

    def __init__(self) -> None:
        self._before: Dict[str, bytes] = {}
        self._undo: List[Callable[[], None]] = []

    def remember(self, paths: List[str]) -> None:
        """Remembers files before something is done to them."""
        for path in paths:
            path = os.path.realpath(path)
            if path.endswith((".py", ".pyw")) and path not in self._before:
                content = _read(path)
                if content is not None:
                    self._before[path] = content

    def refresh(self) -> None:
        """Carries everything over that has changed since."""
        importlib.invalidate_caches()
        linecache.checkcache()
        for path, before in list(self._before.items()):
            now = _read(path)
            if now is not None and now != before:
                self._carry_over(path, before, now)
                self._before[path] = now

    def revert(self) -> None:
        """Gives the functions the code back that they had; the files are the engine's."""
        while self._undo:
            self._undo.pop()()
        importlib.invalidate_caches()
        linecache.checkcache()

    def _carry_over(self, path: str, before: bytes, now: bytes) -> None:
        functions = [
            f for f in gc.get_objects() if type(f) is FunctionType and os.path.realpath(f.__code__.co_filename) == path
        ]
        for name in {f.__code__.co_filename for f in functions} or {path}:
            old, new = _compile(before, name), _compile(now, name)
            if old is None or new is None:
                continue
            self._imports(path, before, now)
            places: Dict[Tuple[str, int], List[Tuple[_Path, CodeType]]] = {}
            for where, code in _tree(old):
                places.setdefault((code.co_name, code.co_firstlineno), []).append((where, code))
            fresh = dict(_tree(new))
            for function in functions:
                if function.__code__.co_filename == name:
                    self._exchange(function, places, fresh)

    def _exchange(
        self,
        function: FunctionType,
        places: Dict[Tuple[str, int], List[Tuple[_Path, CodeType]]],
        fresh: Dict[_Path, CodeType],
    ) -> None:
        code = function.__code__
        known = places.get((code.co_name, code.co_firstlineno), [])
        if len(known) > 1:
            # Several lambdas on one line.
            known = [one for one in known if one[1] == code]
        if len(known) != 1:
            return
        new = fresh.get(known[0][0])
        # A closure's variables are cells of the old code: another set of them cannot be filled.
        if new is None or new == code or new.co_freevars != code.co_freevars:
            return
        function.__code__ = new

        def back() -> None:
            function.__code__ = code

        self._undo.append(back)

    def _imports(self, path: str, before: bytes, now: bytes) -> None:
        """Carries out the imports that stand at the top of a file now and did not before."""
        try:
            had = {ast.dump(node) for node in ast.parse(before).body if isinstance(node, (ast.Import, ast.ImportFrom))}
            nodes = [
                node
                for node in ast.parse(now).body
                if isinstance(node, (ast.Import, ast.ImportFrom)) and ast.dump(node) not in had
            ]
        except (SyntaxError, ValueError):
            return
        if not nodes:
            return
        for module in _modules(path):
            names = vars(module)
            earlier = dict(names)
            for node in nodes:
                block = ast.Module(body=[node], type_ignores=[])
                try:
                    exec(compile(block, path, "exec", dont_inherit=True), names)
                except Exception:
                    # The next call says so in its own words.
                    continue
            added = [name for name in names if name not in earlier]
            self._undo.append(lambda names=names, added=added: _remove(names, added))  # type: ignore[misc]


def _remove(names: Dict[str, Any], added: List[str]) -> None:
    for name in added:
        names.pop(name, None)


def _modules(path: str) -> List[ModuleType]:
    found = []
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if isinstance(module, ModuleType) and isinstance(file, str) and os.path.realpath(file) == path:
            found.append(module)
    return found
