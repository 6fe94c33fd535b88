"""The orchestrator: heals errors of running programs, of tools and of captured output."""

from __future__ import annotations

import json
import os
import sys
from typing import Any, Callable, Dict, Iterator, List, Optional, TypeVar, Union, overload

from . import _protect
from ._engine import EngineSource, exception_text
from ._gate import gate, inside
from ._source import SourceWatch
from .analyzer import ErrorAnalyzer
from .config import EnvironmentType, PathLike, SelfHealingConfig
from .detector import DetectedError, ErrorDetector, fill, from_exception
from .fixer import ErrorFixer
from .results import FixResult, FixSuggestion, HealingSession, newest_backups
from .validator import FixValidator

__all__ = ["HealingSession", "SelfHealingOrchestrator", "self_heal"]

_F = TypeVar("_F", bound=Callable[..., Any])
_STANDS = ("success", "applied")


class SelfHealingOrchestrator:
    """Coordinates healing: detects, analyses, fixes, proves, records.

    Without a configuration the project's own is used, as the command ``heal`` finds it. ``log_directory`` counts
    more than the configuration's.
    """

    def __init__(self, config: Optional[SelfHealingConfig] = None, log_directory: Optional[PathLike] = None) -> None:
        self.config = config if config is not None else SelfHealingConfig.discover()
        if not isinstance(self.config, SelfHealingConfig):
            raise TypeError("config must be a SelfHealingConfig")
        self.config.validate()
        directory = None if log_directory is None else os.path.abspath(os.fspath(log_directory))
        self._source = EngineSource(self.config, directory)
        self.detector = ErrorDetector(_source=self._source)
        self.analyzer = ErrorAnalyzer(_source=self._source)
        self.fixer = ErrorFixer(_source=self._source)
        self.validator = FixValidator(_source=self._source)
        self._on_error: List[Callable[[DetectedError], Any]] = []
        self._on_fix: List[Callable[[FixResult], Any]] = []
        self._on_complete: List[Callable[[HealingSession], Any]] = []
        self._approver: Optional[Callable[[FixSuggestion, str], bool]] = None
        self._hooks: Optional[Any] = None

    # -- healing ------------------------------------------------------------------------------------------------

    def heal(
        self,
        error: Union[DetectedError, BaseException, str],
        rerun_function: Optional[Callable[[], Any]] = None,
    ) -> HealingSession:
        """Heals an error.

        ``rerun_function`` is called as the proof of a fix, as often as there are fixes to try; its value is
        the session's ``result``. Without it, an error that came from a tool which this package ran is proven
        by running the tool again; anything else ends with ``applied`` at best: fixes stand, nothing is proven.
        """
        if isinstance(error, BaseException):
            if not isinstance(error, Exception):
                raise error
            error = from_exception(error)
        elif not isinstance(error, DetectedError):
            error = DetectedError(output=str(error), exit_code=getattr(error, "exit_code", None) or 1)
        return self._session(error, rerun_function)

    def heal_from_output(
        self,
        output: str,
        environment: Union[EnvironmentType, str],
        exit_code: int = 1,
        file_path: Optional[PathLike] = None,
    ) -> HealingSession:
        """Heals from what a tool printed.

        Output that one of :mod:`self_healing.environments` gave knows its command, which is run again as proof.
        """
        if exit_code == 0 or getattr(output, "exit_code", None) == 0:
            return HealingSession(self, None)
        error = DetectedError(
            environment=environment,
            message=_last(output),
            output=getattr(output, "everything", None) or str(output),
            exit_code=getattr(output, "exit_code", None) or exit_code,
            file_path=file_path,
            command=getattr(output, "command", None),
            cwd=getattr(output, "cwd", None),
        )
        return self._session(error, None)

    @overload
    def protect(self, func: _F) -> _F: ...

    @overload
    def protect(self, func: None = None) -> Callable[[_F], _F]: ...

    def protect(self, func: Any = None) -> Any:
        """Decorates a function: an exception is healed where it can be, and the function called again with the
        same arguments.

        Functions, methods, class and static methods, coroutine functions and generators may be decorated. An
        exception that is not healed comes out as it was. ``KeyboardInterrupt``, ``SystemExit`` and
        ``GeneratorExit`` are never touched.
        """
        if func is None:
            return self.protect
        return _protect.protect(self, func)

    def healing_context(self, file_path: Optional[PathLike] = None) -> "_protect.HealingContext":
        """Protects a block. The block cannot be entered again, so its exception goes on even where a fix was
        applied: ``context.session`` tells what was done, and ``context.session.retry(function)`` proves it.
        :meth:`attempts` is the form that tries again by itself.
        """
        return _protect.HealingContext(self, None if file_path is None else os.fspath(file_path))

    def attempts(self) -> "Iterator[_protect.Attempt]":
        """A block that is entered again after each fix::

        for attempt in healer.attempts():
            with attempt:
                ...
        """
        return _protect.attempts(self)

    def run_script(
        self,
        script_path: PathLike,
        globals_dict: Optional[Dict[str, Any]] = None,
        locals_dict: Optional[Dict[str, Any]] = None,
    ) -> HealingSession:
        """Runs a script in this interpreter as ``__main__``, and heals and runs it again where it fails.

        Each run starts from ``globals_dict`` as it was given; after the last one the script's names are in it
        (in ``locals_dict``, where that is given). What is not healed is in the session's ``exception``.
        """
        from ._script import run

        return run(self, os.fspath(script_path), globals_dict, locals_dict)

    def install_global_hook(self) -> None:
        """Heals exceptions that nobody catches, in the main thread, in other threads and in asyncio's tasks.

        There is nothing to call again then: a fix stands for the next run, and the exception goes on to the
        hooks that were there before. :meth:`remove_global_hook` takes it away.
        """
        if self._hooks is None:
            from ._hooks import GlobalHook

            self._hooks = GlobalHook(self)
            self._hooks.install()

    def remove_global_hook(self) -> None:
        """Takes the global hook away."""
        if self._hooks is not None:
            self._hooks.remove()
            self._hooks = None

    def preview_fix(self, error: Union[DetectedError, BaseException, str]) -> List[Dict[str, Any]]:
        """What would be done about an error, best first: ``description``, ``reasoning``, ``confidence`` and more.

        Nothing is changed.
        """
        if isinstance(error, BaseException):
            error = from_exception(error)
        elif not isinstance(error, DetectedError):
            error = DetectedError(output=str(error))
        return [suggestion.to_dict() for suggestion in self.analyzer.analyze(error).suggestions]

    # -- the record ---------------------------------------------------------------------------------------------

    def get_statistics(self) -> Dict[str, Any]:
        """The figures of the changelog."""
        return dict(json.loads(self._source.engine().statistics()))

    def get_changelog(self) -> Dict[str, Any]:
        """The changelog: ``metadata`` and ``incidents``, oldest first."""
        return dict(json.loads(self._source.engine().read_changelog()))

    # -- callbacks ----------------------------------------------------------------------------------------------

    def on_error(self, callback: Callable[[DetectedError], Any]) -> None:
        """Calls back with every error that is detected."""
        self._on_error.append(callback)

    def on_fix(self, callback: Callable[[FixResult], Any]) -> None:
        """Calls back with every fix that is applied."""
        self._on_fix.append(callback)

    def on_complete(self, callback: Callable[[HealingSession], Any]) -> None:
        """Calls back with every session when it is over."""
        self._on_complete.append(callback)

    def on_approval(self, callback: Callable[[FixSuggestion, str], bool]) -> None:
        """Asks ``callback(suggestion, why)`` about fixes that need approval."""
        self._approver = callback

    def _call_back(self, callbacks: List[Callable[[Any], Any]], fact: Any) -> None:
        token = inside.set(True)
        try:
            for callback in list(callbacks):
                try:
                    callback(fact)
                except Exception:
                    # Whoever only listens must not break what is going on.
                    import logging

                    logging.getLogger("self_healing").exception("a callback raised an exception")
        finally:
            inside.reset(token)

    # -- how it is done -----------------------------------------------------------------------------------------

    def _session(
        self,
        error: DetectedError,
        again: Optional[Callable[[], Any]],
        watch: Optional[SourceWatch] = None,
    ) -> HealingSession:
        """A session, when no other one runs in this process."""
        session = HealingSession(self, error)
        session.exception = error.exception
        if not self.config.enabled:
            session.final_result = "disabled"
            return session
        if inside.get():
            # The session around this one holds the project: to wait for it would be to wait for ever.
            session.final_result = "failed"
            session.reason = "this runs as part of another session"
            return session
        before = gate.generation
        with gate.session() as free:
            if not free:
                session.final_result = "failed"
                session.reason = "another session of this process did not end"
                return session
            watch = watch or SourceWatch()
            if again is not None and gate.generation != before:
                # Another thread has healed something meanwhile: perhaps that was it.
                watch.refresh()
                try:
                    with gate.calling():
                        session.result = again()
                    session.final_result = "success"
                    return session
                except Exception as next_error:
                    _unchain(next_error, error.exception)
                    error = from_exception(next_error)
            token = inside.set(True)
            try:
                self._run(session, error, again, watch)
            finally:
                inside.reset(token)
        self._call_back(self._on_complete, session)
        self._report(session)
        return session

    def _run(
        self,
        session: HealingSession,
        error: DetectedError,
        again: Optional[Callable[[], Any]],
        watch: SourceWatch,
    ) -> None:
        engine = self._source.engine()
        request = json.loads(self._source.request(error))
        request["rerun_command"] = again is None and bool(error.command) and error.exception is None
        told = _Witness(self, session, watch)

        def call(env: str) -> Optional[str]:
            watch.refresh()
            try:
                with gate.calling(), _variables(dict(json.loads(env))):
                    assert again is not None
                    session.result = again()
                return None
            except Exception as next_error:
                _unchain(next_error, error.exception)
                return exception_text(next_error)

        try:
            facts = json.loads(
                engine.heal(
                    json.dumps(request),
                    call if again is not None else None,
                    told,
                    self._asker(),
                )
            )
        except BaseException:
            # Ctrl-C and its like: the engine has put everything back.
            watch.revert()
            raise
        session.session_id = facts["session_id"]
        session.final_result = facts["final_result"]
        session.attempts = facts["attempts"]
        session.exit_code = facts["exit_code"]
        session.reason = facts["reason"] or facts["trouble"]
        session.events = facts["events"]
        session.patch = facts["patch"]
        if facts["diagnosis"] is not None:
            session.suggestions = [FixSuggestion(one) for one in facts["diagnosis"]["suggestions"]]
            if error.rule_id is None and facts["diagnosis"]["errors"]:
                fill(error, facts["diagnosis"]["errors"][0], keep_message=error.exception is not None)
        told.finish(facts)
        if session.final_result in _STANDS:
            watch.refresh()
            gate.healed()
        else:
            watch.revert()

    def _refresh(self) -> None:
        SourceWatch().refresh()

    def _undo(self, session_id: str) -> bool:
        facts = json.loads(self._source.engine().rollback(session_id))
        self._refresh()
        return "error" not in facts and bool(facts["complete"])

    def _asker(self) -> Optional[Callable[[str, str], bool]]:
        approver = self._approver
        if approver is None and self.config.safety.require_approval and _terminal():
            approver = _ask
        if approver is None:
            return None

        def ask(facts: str, why: str) -> bool:
            assert approver is not None
            return bool(approver(FixSuggestion(json.loads(facts)), why))

        return ask

    def _report(self, session: HealingSession) -> None:
        """Says on stderr how a session ended."""
        if not self.config.logging.log_to_console or sys.stderr is None:
            return
        try:
            for line in _summary(session, self.config.logging.verbose):
                print(line, file=sys.stderr)
        except (OSError, ValueError):
            pass  # stderr is closed: nobody is listening


class _Witness:
    """Is told by the engine what happens, and tells the callbacks."""

    def __init__(self, healer: SelfHealingOrchestrator, session: HealingSession, watch: SourceWatch) -> None:
        self._healer = healer
        self._session = session
        self._watch = watch
        self._current: Optional[FixResult] = None
        self._told = False

    def __call__(self, event: str, text: str) -> None:
        facts = json.loads(text)
        if event == "failed":
            self._failed(facts)
        elif event == "applying":
            self._watch.remember(facts["files"])
            suggestion = FixSuggestion(facts)
            self._current = FixResult(
                success=True,
                description=suggestion.description,
                reasoning=suggestion.reasoning,
                confidence=suggestion.confidence,
                rule_id=suggestion.rule_id,
                files_changed=suggestion.files,
                command=suggestion.command,
                diff=suggestion.diff or "",
            )
            self._current._suggestion = suggestion
            self._told = False
            self._session.fixes.append(self._current)
        elif event == "running_again":
            self._applied()
        elif event == "taken_back" and self._current is not None:
            self._current.success = False
            self._current.rolled_back = True
            self._current.error = facts["reason"]

    def _failed(self, facts: Dict[str, Any]) -> None:
        first = facts["errors"][0] if facts["errors"] else None
        error = self._session.error
        if error is None or first is None:
            return
        if facts["attempt"] > 1:
            error = DetectedError()
        fill(error, first, keep_message=facts["attempt"] == 1 and error.exception is not None)
        self._healer._call_back(self._healer._on_error, error)

    def _applied(self) -> None:
        if self._current is not None and not self._told:
            self._told = True
            self._current.backups = newest_backups(self._healer._source.log_dir, self._current.files_changed)
            self._healer._call_back(self._healer._on_fix, self._current)

    def finish(self, facts: Dict[str, Any]) -> None:
        """The session is over: what stands?"""
        stands = facts["final_result"] in _STANDS
        if facts["final_result"] == "applied":
            self._applied()
        for fix, record in zip(self._session.fixes, facts["fixes"]):
            fix.session_id = facts["session_id"]
            if fix.success and not stands:
                fix.success = False
                fix.rolled_back = True
                fix.error = fix.error or facts["reason"]
            fix.files_changed = record["files"]


class _variables:
    """Variables for one call only."""

    def __init__(self, values: Dict[str, str]) -> None:
        self._values = values
        self._before: Dict[str, Optional[str]] = {}

    def __enter__(self) -> None:
        for name, value in self._values.items():
            self._before[name] = os.environ.get(name)
            os.environ[name] = value

    def __exit__(self, *_: object) -> None:
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _unchain(error: BaseException, first: Optional[BaseException]) -> None:
    """Cuts the context that comes only from calling again while the first exception is handled."""
    seen = set()
    while error is not first and id(error) not in seen:
        seen.add(id(error))
        if error.__context__ is first:
            error.__context__ = None
            return
        if error.__context__ is None:
            return
        error = error.__context__


def _last(output: str) -> str:
    lines = [line for line in str(output).splitlines() if line.strip()]
    return lines[-1].strip() if lines else ""


def _terminal() -> bool:
    try:
        return sys.stdin.isatty() and sys.stderr.isatty()
    except (AttributeError, ValueError):
        return False


def _ask(suggestion: FixSuggestion, why: str) -> bool:
    print(
        f"heal: {suggestion.description}\n  {suggestion.action}\n  {why}. Apply? [y/N] ",
        end="",
        file=sys.stderr,
    )
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _summary(session: HealingSession, verbose: bool) -> Iterator[str]:
    stands = [fix.description for fix in session.applied_fixes]
    message = session.error.message if session.error is not None else ""
    undo = (
        f" · `heal undo {session.session_id}` takes it back"
        if any(fix.files_changed or fix.command for fix in session.applied_fixes)
        else ""
    )
    if session.final_result == "success":
        if stands:
            yield f"heal: fixed · {'; '.join(stands)} · ran again, it works{undo}"
    elif session.final_result == "applied":
        yield f"heal: applied, not proven · {'; '.join(stands)}{undo}"
    elif session.final_result == "dry_run":
        yield f"heal: dry run, nothing changed · {message}"
    elif session.final_result in ("failed", "manual_intervention_required"):
        yield f"heal: not healed · {message}" + (f" · {session.reason}" if session.reason else "")
    else:
        return
    if verbose and session.final_result not in _STANDS:
        for suggestion in session.suggestions[:1]:
            yield f"  = cause ({suggestion.confidence:.2f}): {suggestion.reasoning}"
            yield f"  = fix: {suggestion.description}: {suggestion.action}"


@overload
def self_heal(func: _F) -> _F: ...


@overload
def self_heal(
    func: None = None, *, config: Optional[SelfHealingConfig] = None, log_directory: Optional[PathLike] = None
) -> Callable[[_F], _F]: ...


def self_heal(
    func: Any = None,
    *,
    config: Optional[SelfHealingConfig] = None,
    log_directory: Optional[PathLike] = None,
) -> Any:
    """Protects a function with an orchestrator of its own, with default settings or the given ones."""
    if func is None:
        return SelfHealingOrchestrator(config, log_directory).protect
    return SelfHealingOrchestrator(config, log_directory).protect(func)
