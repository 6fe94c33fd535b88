"""Self-healing for Python programs, Terraform, Ansible and Bash.

>>> from self_healing import SelfHealingOrchestrator
>>> healer = SelfHealingOrchestrator()
>>> @healer.protect
... def report():
...     import yaml  # installed, where the project declares it and it is missing
...     return yaml.safe_load("a: 1")

The engine is the one of the command ``heal``: rules, safety, changelog and undo are the same for both.
Importing this package is cheap; the engine is loaded when it is first needed.
"""

from __future__ import annotations

# Not `typing.TYPE_CHECKING`: importing `typing` would cost more than all the rest of this module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List

    from ._native import __version__ as __version__
    from .analyzer import ErrorAnalyzer as ErrorAnalyzer
    from .config import EnvironmentType as EnvironmentType
    from .config import ErrorType as ErrorType
    from .config import SelfHealingConfig as SelfHealingConfig
    from .detector import DetectedError as DetectedError
    from .detector import ErrorDetector as ErrorDetector
    from .environments import AnsibleEnvironment as AnsibleEnvironment
    from .environments import BashEnvironment as BashEnvironment
    from .environments import PythonEnvironment as PythonEnvironment
    from .environments import TerraformEnvironment as TerraformEnvironment
    from .fixer import ErrorFixer as ErrorFixer
    from .orchestrator import SelfHealingOrchestrator as SelfHealingOrchestrator
    from .orchestrator import self_heal as self_heal
    from .results import AnalysisResult as AnalysisResult
    from .results import FixResult as FixResult
    from .results import FixSuggestion as FixSuggestion
    from .results import HealingSession as HealingSession
    from .results import ValidationLevel as ValidationLevel
    from .results import ValidationResult as ValidationResult
    from .validator import FixValidator as FixValidator

_HOMES = {
    "__version__": "_native",
    "AnalysisResult": "results",
    "AnsibleEnvironment": "environments",
    "BashEnvironment": "environments",
    "DetectedError": "detector",
    "EnvironmentType": "config",
    "ErrorAnalyzer": "analyzer",
    "ErrorDetector": "detector",
    "ErrorFixer": "fixer",
    "ErrorType": "config",
    "FixResult": "results",
    "FixSuggestion": "results",
    "FixValidator": "validator",
    "HealingSession": "results",
    "PythonEnvironment": "environments",
    "SelfHealingConfig": "config",
    "SelfHealingOrchestrator": "orchestrator",
    "TerraformEnvironment": "environments",
    "ValidationLevel": "results",
    "ValidationResult": "results",
    "self_heal": "orchestrator",
}

__all__ = sorted(set(_HOMES) - {"__version__"})


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> List[str]:
    return sorted(set(globals()) | set(_HOMES))


def load_ipython_extension(ipython: Any) -> None:
    """``%load_ext self_healing``."""
    from ._ipython import load

    load(ipython)


def unload_ipython_extension(ipython: Any) -> None:
    """``%unload_ext self_healing``."""
    from ._ipython import unload

    unload(ipython)
