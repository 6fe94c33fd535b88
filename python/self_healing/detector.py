"""Finding errors: in exceptions, in what a tool printed, in source files."""

from __future__ import annotations

import functools
import json
import os
from typing import Any, Callable, Dict, List, Optional, TypeVar, Union

from ._engine import EngineSource, _verdict, exception_text, interpreter
from .config import (
    EnvironmentType,
    ErrorType,
    PathLike,
    SelfHealingConfig,
    environment_name,
    environment_type,
)

__all__ = ["DetectedError", "ErrorDetector"]

_F = TypeVar("_F", bound=Callable[..., Any])


class DetectedError:
    """An error: what kind, where from, and what was printed."""

    def __init__(
        self,
        error_type: Union[ErrorType, str] = ErrorType.UNKNOWN,
        environment: Union[EnvironmentType, str] = EnvironmentType.UNKNOWN,
        message: str = "",
        file_path: Optional[PathLike] = None,
        line_number: Optional[int] = None,
        column: Optional[int] = None,
        severity: str = "ERROR",
        exception: Optional[BaseException] = None,
        traceback: Optional[str] = None,
        output: Optional[str] = None,
        exit_code: Optional[int] = None,
        command: Optional[List[str]] = None,
        cwd: Optional[PathLike] = None,
        rule_id: Optional[str] = None,
        fingerprint: Optional[str] = None,
        context: Optional[Dict[str, Any]] = None,
    ) -> None:
        self.error_type = ErrorType(error_type)
        self.environment = environment if isinstance(environment, EnvironmentType) else environment_type(environment)
        self.message = message
        self.file_path: Optional[str] = None if file_path is None else os.fspath(file_path)
        self.line_number = line_number
        self.column = column
        self.severity = severity
        self.exception = exception
        self.traceback = traceback
        self.output = output
        self.exit_code = exit_code
        self.command: List[str] = list(command or [])
        self.cwd: Optional[str] = None if cwd is None else os.fspath(cwd)
        self.rule_id = rule_id
        self.fingerprint = fingerprint
        self.context: Dict[str, Any] = dict(context or {})

    def text(self) -> str:
        """What was printed, as far as it is known: what the engine reads."""
        if self.output is not None:
            return self.output
        if self.traceback is not None:
            return self.traceback
        python = self.environment == EnvironmentType.PYTHON
        if python and self.file_path and self.line_number and "\n" not in self.message:
            # The place of the error, in the words that Python has for it.
            return (
                "Traceback (most recent call last):\n"
                f'  File "{self.file_path}", line {self.line_number}, in <module>\n'
                f"{self.message}\n"
            )
        return self.message if self.message.endswith("\n") else self.message + "\n"

    def to_dict(self) -> Dict[str, Any]:
        """The facts as plain values."""
        facts = {name: value for name, value in vars(self).items() if name not in ("exception", "output")}
        facts["error_type"] = str(self.error_type)
        facts["environment"] = str(self.environment)
        return facts

    def __repr__(self) -> str:
        where = f", file_path={self.file_path!r}, line_number={self.line_number!r}" if self.file_path else ""
        return (
            f"DetectedError(error_type={self.error_type!s}, environment={self.environment!s}, "
            f"message={self.message!r}{where})"
        )


class ErrorDetector:
    """Finds and classifies errors by the rules of the packs."""

    def __init__(self, config: Optional[SelfHealingConfig] = None, _source: Optional[EngineSource] = None) -> None:
        self._source = _source or EngineSource(config or SelfHealingConfig())
        self._validators: List[Callable[..., Any]] = []
        self.errors: List[DetectedError] = []
        """Errors that :meth:`catch_python_errors` saw, oldest first."""

    def detect_from_exception(self, exception: BaseException, file_path: Optional[PathLike] = None) -> DetectedError:
        """The error that an exception is."""
        error = from_exception(exception, file_path)
        self._fill(error, keep_message=True)
        return error

    def detect_from_output(
        self,
        output: str,
        environment: Union[EnvironmentType, str],
        exit_code: Optional[int] = None,
        file_path: Optional[PathLike] = None,
    ) -> Optional[DetectedError]:
        """The error that made a tool fail, from what it printed.

        ``None`` where it did not fail (exit code 0), or where the exit code is not known and no rule
        knows anything in the output.
        """
        if exit_code is None:
            exit_code = getattr(output, "exit_code", None)
        if exit_code == 0:
            return None
        error = DetectedError(
            environment=environment,
            output=getattr(output, "everything", None) or str(output),
            exit_code=exit_code,
            file_path=file_path,
            command=getattr(output, "command", None),
            cwd=getattr(output, "cwd", None),
        )
        known = self._fill(error)
        return error if known or exit_code is not None else None

    def validate_python_syntax(
        self, code: Union[str, bytes], file_path: Optional[PathLike] = None
    ) -> Optional[DetectedError]:
        """What keeps source from being compiled by the running interpreter; ``None`` where nothing does."""
        import warnings

        name = os.fspath(file_path) if file_path is not None else "<string>"
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                compile(code, name, "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as fault:
            error = self.detect_from_exception(fault.with_traceback(None), file_path)
            error.error_type = ErrorType.SYNTAX
            if error.line_number is None:
                error.line_number = getattr(fault, "lineno", None)
            error.column = error.column or getattr(fault, "offset", None)
            return error
        return None

    def validate_file_syntax(
        self, file_path: PathLike, environment: Union[EnvironmentType, str, None] = None
    ) -> Optional[DetectedError]:
        """What keeps a file from being parsed in its environment's language; ``None`` where nothing does.

        The environment goes by the file's name where none is given.
        """
        with open(file_path, "rb") as file:
            content = file.read()
        engine = self._source.engine()
        name = environment_name(environment) or engine.environment_of(os.path.abspath(os.fspath(file_path)))
        if name == EnvironmentType.PYTHON.value:
            return self.validate_python_syntax(content, file_path)
        fault = engine.syntax(os.path.abspath(os.fspath(file_path)), content)
        if fault is None:
            return None
        facts = json.loads(fault)
        return DetectedError(
            error_type=ErrorType.SYNTAX,
            environment=environment_type(name),
            message=facts["message"],
            file_path=file_path,
            line_number=facts["line"] or None,
            column=facts["column"] or None,
        )

    def classify_error(self, message: str, environment: Union[EnvironmentType, str]) -> ErrorType:
        """The type of the error that a message tells of."""
        error = DetectedError(environment=environment, message=message)
        self._fill(error)
        return error.error_type

    def register_validator(self, validator: Callable[[Any], Any]) -> None:
        """Adds a check of what protected functions return.

        It is given the value, and returns ``None`` or ``True`` where that is right, else ``False`` or
        what is wrong: a logic error, which is recorded in :attr:`errors` and left to a person.
        """
        self._validators.append(validator)

    def catch_python_errors(self, func: _F) -> _F:
        """Decorates a function: what it raises is recorded in :attr:`errors` and goes on unchanged."""

        @functools.wraps(func)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            try:
                value = func(*args, **kwargs)
            except Exception as exception:
                self.errors.append(self.detect_from_exception(exception))
                raise
            self._check_value(value, getattr(func, "__qualname__", repr(func)))
            return value

        return wrapper  # type: ignore[return-value]

    def _check_value(self, value: Any, where: str) -> Optional[DetectedError]:
        for validator in self._validators:
            why = _verdict(validator, value)
            if why is not None:
                error = DetectedError(
                    error_type=ErrorType.LOGIC,
                    environment=EnvironmentType.PYTHON,
                    message=f"{where}: {why}",
                )
                self.errors.append(error)
                return error
        return None

    def _fill(self, error: DetectedError, keep_message: bool = False) -> bool:
        """Adds what the engine knows about an error; whether a rule knows it."""
        facts = json.loads(self._source.engine().diagnose(self._source.request(error))[0])
        first = next(iter(facts["errors"]), None)
        if first is None:
            return False
        fill(error, first, keep_message)
        return first["rule_id"] is not None


# What kind of error an exception is by its class alone, for those that no rule knows. The first that fits counts.
_FAMILIES = (
    ("SyntaxError", ErrorType.SYNTAX),
    ("ModuleNotFoundError", ErrorType.DEPENDENCY),
    ("ImportError", ErrorType.IMPORT),
    ("TypeError", ErrorType.TYPE),
    ("AttributeError", ErrorType.TYPE),
    ("ValueError", ErrorType.VALUE),
    ("LookupError", ErrorType.VALUE),
    ("ConnectionError", ErrorType.NETWORK),
    ("TimeoutError", ErrorType.NETWORK),
    ("PermissionError", ErrorType.PERMISSION),
    ("MemoryError", ErrorType.RESOURCE),
    ("RecursionError", ErrorType.RESOURCE),
    ("AssertionError", ErrorType.LOGIC),
    ("Exception", ErrorType.RUNTIME),
)


def _family(error: DetectedError) -> ErrorType:
    """The type of a Python error that no rule knows."""
    import builtins

    kind: Any = type(error.exception) if error.exception is not None else None
    if kind is None:
        kind = getattr(builtins, error.message.split(":")[0].strip(), None)
    if isinstance(kind, type) and issubclass(kind, BaseException):
        for name, error_type in _FAMILIES:
            if issubclass(kind, getattr(builtins, name)):
                return error_type
    return error.error_type


def from_exception(exception: BaseException, file_path: Optional[PathLike] = None) -> DetectedError:
    """The error that an exception is, before the engine has said anything about it."""
    return DetectedError(
        environment=EnvironmentType.PYTHON,
        message=_last_line(exception),
        exception=exception,
        traceback=exception_text(exception),
        command=interpreter(),
        file_path=file_path,
    )


def fill(error: DetectedError, facts: Dict[str, Any], keep_message: bool = False) -> None:
    """Fills an error with the engine's facts about it."""
    error.error_type = ErrorType(facts["error_type"])
    if facts["environment"] is not None:
        error.environment = environment_type(facts["environment"])
    if not keep_message:
        error.message = facts["message"]
    if error.error_type is ErrorType.UNKNOWN and error.environment == EnvironmentType.PYTHON:
        error.error_type = _family(error)
    error.severity = str(facts["severity"]).upper()
    error.file_path = facts["file_path"] or error.file_path
    error.line_number = facts["line_number"] or error.line_number
    error.column = facts["column"] or error.column
    error.rule_id = facts["rule_id"]
    error.fingerprint = facts["fingerprint"]
    error.context.update(facts["captures"])


def _last_line(exception: BaseException) -> str:
    import traceback

    return traceback.format_exception_only(type(exception), exception)[-1].rstrip("\n")
