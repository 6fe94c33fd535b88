"""Checking fixes: syntax, style, tests, registered checks, and what failed run again."""

from __future__ import annotations

import json
from typing import Any, Callable, List, Optional, Union

from ._engine import EngineSource, _verdict
from .config import SelfHealingConfig
from .detector import DetectedError
from .results import FixResult, ValidationCheck, ValidationLevel, ValidationResult

__all__ = ["FixValidator", "ValidationLevel", "ValidationResult"]

STANDARD = ValidationLevel.STANDARD


class FixValidator:
    """Checks that what a fix changed still holds together."""

    def __init__(self, config: Optional[SelfHealingConfig] = None, _source: Optional[EngineSource] = None) -> None:
        self._source = _source or EngineSource(config or SelfHealingConfig())
        self._own: List[Callable[[FixResult, DetectedError], Any]] = []

    def validate(
        self,
        fix_result: FixResult,
        original_error: DetectedError,
        level: Union[ValidationLevel, str] = STANDARD,
        rerun_function: Optional[Callable[[], Any]] = None,
    ) -> ValidationResult:
        """Checks a fix.

        Syntax of every changed file, then style and tests where the level asks for them, then registered
        validators, then ``rerun_function``, whose exception is the last check's failure.
        """
        level = ValidationLevel(level)
        checks: List[ValidationCheck] = []
        if not fix_result.success:
            checks.append(ValidationCheck("fix", "failed", fix_result.error or "it was not applied"))
        elif fix_result._analysis is not None and fix_result._suggestion is not None:
            analysis = fix_result._analysis
            made = analysis._engine.validate(analysis._diagnosis, fix_result._suggestion.index, level.value)
            checks += [ValidationCheck(**one) for one in json.loads(made)]
        result = ValidationResult(checks, level)
        for validator in self._own:
            if not result.success:
                break
            why = _verdict(validator, fix_result, original_error)
            name = getattr(validator, "__name__", "validator")
            checks.append(ValidationCheck(name, "failed" if why else "passed", why))
        if rerun_function is not None and result.success and not fix_result.dry_run:
            try:
                result.value = rerun_function()
                checks.append(ValidationCheck("run again", "passed"))
            except Exception as error:
                checks.append(ValidationCheck("run again", "failed", f"{type(error).__name__}: {error}"))
        return result

    def quick_validate(self, fix_result: FixResult, original_error: DetectedError) -> ValidationResult:
        """Checks syntax only."""
        return self.validate(fix_result, original_error, ValidationLevel.QUICK)

    def thorough_validate(
        self,
        fix_result: FixResult,
        original_error: DetectedError,
        rerun_function: Optional[Callable[[], Any]] = None,
    ) -> ValidationResult:
        """Checks syntax, style and tests, and runs again what failed."""
        return self.validate(fix_result, original_error, ValidationLevel.THOROUGH, rerun_function)

    def register_validator(self, validator: Callable[..., Any]) -> None:
        """Adds a check.

        It is given the :class:`FixResult` and the :class:`DetectedError`, and returns ``None`` or ``True``
        where it is content, else ``False`` or what is wrong. In sessions a fix that fails it is taken back.
        """
        self._own.append(validator)

        def in_sessions(paths: List[str]) -> Any:
            error = DetectedError()
            return validator(FixResult(success=True, description="", files_changed=paths), error)

        in_sessions.__name__ = getattr(validator, "__name__", "validator")
        self._source.validators.append(in_sessions)
