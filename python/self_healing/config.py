"""Settings: the names, the sections and their values.

The values, their meaning, their checks and their defaults are the engine's; this module gives them the
shape that Python programs expect. A misspelt setting is an ``AttributeError`` at once.
"""

from __future__ import annotations

import json
import os
from enum import Enum
from typing import Any, Dict, Iterator, List, Optional, Tuple, Type, TypeVar, Union

from . import _native

__all__ = ["EnvironmentType", "ErrorType", "SelfHealingConfig"]

PathLike = Union[str, "os.PathLike[str]"]


class ErrorType(str, Enum):
    """What kind of error it is."""

    SYNTAX = "syntax"
    DEPENDENCY = "dependency"
    IMPORT = "import"
    TYPE = "type"
    VALUE = "value"
    NETWORK = "network"
    PERMISSION = "permission"
    RESOURCE = "resource"
    PROVIDER = "provider"
    STATE = "state"
    ROLE = "role"
    MODULE = "module"
    CONNECTION = "connection"
    COMMAND = "command"
    CONFIGURATION = "configuration"
    RUNTIME = "runtime"
    LOGIC = "logic"
    ENVIRONMENT = "environment"
    UNKNOWN = "unknown"

    def __str__(self) -> str:
        return str(self.value)


class EnvironmentType(str, Enum):
    """Where an error comes from. Packs may bring further environments in: those are plain strings."""

    PYTHON = "python"
    TERRAFORM = "terraform"
    ANSIBLE = "ansible"
    BASH = "bash"
    UNKNOWN = "unknown"

    def __str__(self) -> str:
        return str(self.value)


def environment_name(environment: Union[EnvironmentType, str, None]) -> Optional[str]:
    """The engine's name of an environment."""
    if environment is None or environment == EnvironmentType.UNKNOWN:
        return None
    return str(environment.value if isinstance(environment, Enum) else environment)


def environment_type(name: Optional[str]) -> Union[EnvironmentType, str]:
    """The environment with this name."""
    if name is None:
        return EnvironmentType.UNKNOWN
    try:
        return EnvironmentType(name)
    except ValueError:
        return name


class _Section:
    """Some settings that belong together."""

    __slots__: Tuple[str, ...] = ()

    def __init__(self, values: Dict[str, Any]) -> None:
        for name in self.__slots__:
            setattr(self, name, values[name])

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self.__slots__:
            from difflib import get_close_matches

            near = get_close_matches(name, self.__slots__, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise AttributeError(f"there is no setting {name!r} in {type(self).__name__}{hint}")
        object.__setattr__(self, name, value)

    def _values(self) -> Dict[str, Any]:
        return {name: _plain(getattr(self, name)) for name in self.__slots__}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self._values() == other._values()

    def __repr__(self) -> str:
        inside = ", ".join(f"{name}={value!r}" for name, value in self._values().items())
        return f"{type(self).__name__}({inside})"


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(one) for one in value]
    return value


class RetryConfig(_Section):
    """How often and how fast to try again."""

    __slots__ = ("max_attempts", "backoff_multiplier", "initial_delay_seconds", "max_delay_seconds")
    max_attempts: int
    backoff_multiplier: float
    initial_delay_seconds: float
    max_delay_seconds: float


class LoggingConfig(_Section):
    """Where and how much to record."""

    __slots__ = ("log_directory", "changelog_file", "verbose", "log_to_console", "log_to_file")
    log_directory: PathLike
    changelog_file: str
    verbose: bool
    log_to_console: bool
    log_to_file: bool


class SafetyConfig(_Section):
    """What may be done."""

    __slots__ = (
        "dry_run",
        "require_approval",
        "backup_before_fix",
        "sandbox_execution",
        "protected_paths",
        "allowed_external_commands",
    )
    dry_run: bool
    require_approval: bool
    backup_before_fix: bool
    sandbox_execution: bool
    protected_paths: List[PathLike]
    allowed_external_commands: List[str]


class ValidationConfig(_Section):
    """How a fix is proven."""

    __slots__ = ("level", "run_tests_after_fix", "syntax_check_after_fix", "rollback_on_failure")
    level: str
    run_tests_after_fix: bool
    syntax_check_after_fix: bool
    rollback_on_failure: bool


class ConfidenceConfig(_Section):
    """How sure heal must be, from 0 to 1: ``auto`` to act, ``ask`` to offer."""

    __slots__ = ("auto", "ask")
    auto: float
    ask: float


class LimitsConfig(_Section):
    """Bounds of a session."""

    __slots__ = ("total_attempts", "total_time_seconds", "max_files", "max_lines")
    total_attempts: int
    total_time_seconds: float
    max_files: int
    max_lines: int


class PacksConfig(_Section):
    """More rule packs: files and folders, later ones win."""

    __slots__ = ("paths", "trust_project")
    paths: List[PathLike]
    trust_project: bool


class RedactConfig(_Section):
    """Regular expressions of what is masked besides the known shapes of secrets."""

    __slots__ = ("patterns",)
    patterns: List[str]


class RootsConfig(_Section):
    """Folders outside the project that fixes may write to."""

    __slots__ = ("writable",)
    writable: List[PathLike]


_SECTIONS: Dict[str, Type[_Section]] = {
    "retry": RetryConfig,
    "logging": LoggingConfig,
    "safety": SafetyConfig,
    "validation": ValidationConfig,
    "confidence": ConfidenceConfig,
    "limits": LimitsConfig,
    "packs": PacksConfig,
    "redact": RedactConfig,
    "roots": RootsConfig,
}

_Self = TypeVar("_Self", bound="SelfHealingConfig")


class SelfHealingConfig:
    """All settings.

    A new one holds the defaults, changed by the ``SELF_HEAL_*`` variables of the environment; what a
    program sets itself counts more than both. Values are checked when they are first used, or by
    :meth:`validate`.
    """

    __slots__ = ("enabled", "environments", *_SECTIONS, "_base", "_log_directory")

    enabled: bool
    environments: List[Union[EnvironmentType, str]]
    retry: RetryConfig
    logging: LoggingConfig
    safety: SafetyConfig
    validation: ValidationConfig
    confidence: ConfidenceConfig
    limits: LimitsConfig
    packs: PacksConfig
    redact: RedactConfig
    roots: RootsConfig
    _base: Optional[str]
    _log_directory: Tuple[str, Optional[str]]

    def __init__(self) -> None:
        self._fill(json.loads(_native.config_from_environment()))

    def _fill(self, values: Dict[str, Any], base: Optional[str] = None, log_dir: Optional[str] = None) -> None:
        # Only known names get here: the engine has read them.
        fill = object.__setattr__
        fill(self, "enabled", values["enabled"])
        fill(self, "environments", [environment_type(name) for name in values["environments"]])
        for name, section in _SECTIONS.items():
            fill(self, name, section(values[name]))
        fill(self, "_base", base)
        fill(self, "_log_directory", (values["logging"]["log_directory"], log_dir))

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _SECTIONS and not isinstance(value, _SECTIONS[name]):
            raise TypeError(f"{name} is a section of settings: set its values, as in config.{name}.x = …")
        object.__setattr__(self, name, value)

    @classmethod
    def from_environment(cls: Type[_Self]) -> _Self:
        """The defaults and the ``SELF_HEAL_*`` variables; the same as ``SelfHealingConfig()``."""
        return cls()

    from_env = from_environment

    @classmethod
    def from_file(cls: Type[_Self], path: PathLike) -> _Self:
        """Reads a file: JSON, or TOML where its name does not end in ``.json``.

        What it does not set has its default; the environment's variables count more than the file.
        Relative folders in it are relative to its own. Raises ``ValueError`` with file, line and column
        of what is wrong.
        """
        loaded = json.loads(_native.load_config(os.fspath(path)))
        config = cls.__new__(cls)
        config._fill(loaded["config"], loaded["root"], loaded["log_dir"])
        return config

    @classmethod
    def discover(cls: Type[_Self]) -> _Self:
        """The project's own settings (``heal.toml`` and its like), as the command ``heal`` finds them."""
        loaded = json.loads(_native.load_config(None))
        config = cls.__new__(cls)
        config._fill(loaded["config"], loaded["root"], loaded["log_dir"])
        return config

    def save_to_file(self, path: PathLike) -> None:
        """Writes all settings as JSON."""
        self.validate()
        text = json.dumps(self.to_dict(), indent=2, ensure_ascii=False)
        # Settings are no secret, but half a file is no settings: written whole or not at all.
        path = os.fspath(path)
        beside = f"{path}.{os.getpid()}.tmp"
        try:
            with open(beside, "w", encoding="utf-8") as file:
                file.write(text + "\n")
            os.replace(beside, path)
        except BaseException:
            if os.path.exists(beside):
                os.unlink(beside)
            raise

    def to_dict(self) -> Dict[str, Any]:
        """All settings as plain values."""
        values: Dict[str, Any] = {"enabled": self.enabled, "environments": _plain(self.environments)}
        for name in _SECTIONS:
            values[name] = getattr(self, name)._values()
        return values

    def validate(self) -> None:
        """Raises ``ValueError`` where a value is not possible."""
        _native.check_config(json.dumps(self.to_dict(), indent=2, ensure_ascii=False))

    def _log_dir(self, root: str) -> str:
        """The log directory, absolute."""
        directory = os.fspath(self.logging.log_directory)
        loaded, absolute = self._log_directory
        if directory == loaded and absolute is not None:
            return absolute
        # As with the command: by default in the project, where a program names one in its own folder.
        base = root if directory == loaded and not os.environ.get("SELF_HEAL_LOG_DIR") else os.getcwd()
        return os.path.normpath(os.path.join(base, directory))

    def __iter__(self) -> Iterator[Tuple[str, Any]]:
        return iter(self.to_dict().items())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SelfHealingConfig) and self.to_dict() == other.to_dict()

    def __repr__(self) -> str:
        return f"SelfHealingConfig({self.to_dict()!r})"
