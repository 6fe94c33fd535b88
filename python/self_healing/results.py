"""What healing comes to: analyses, fixes, checks, sessions."""

from __future__ import annotations

import os
from enum import Enum
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional

if TYPE_CHECKING:
    from . import _native
    from .detector import DetectedError
    from .orchestrator import SelfHealingOrchestrator

__all__ = [
    "AnalysisResult",
    "FixResult",
    "FixSuggestion",
    "HealingSession",
    "RootCause",
    "ValidationCheck",
    "ValidationLevel",
    "ValidationResult",
]


class _Shown:
    """Shows its public attributes."""

    def __repr__(self) -> str:
        inside = ", ".join(f"{k}={v!r}" for k, v in vars(self).items() if not k.startswith("_"))
        return f"{type(self).__name__}({inside})"


class ValidationLevel(str, Enum):
    """How thoroughly a fix is checked."""

    QUICK = "quick"
    STANDARD = "standard"
    THOROUGH = "thorough"

    def __str__(self) -> str:
        return str(self.value)


class RootCause(_Shown):
    """A possible cause of an error, with what speaks for it."""

    def __init__(self, facts: Dict[str, Any]) -> None:
        self.rule_id: str = facts["rule_id"]
        self.rule_version: str = facts["rule_version"]
        self.cause: str = facts["cause"]
        self.title: str = facts["title"]
        self.description: str = facts["explanation"]
        self.confidence: float = facts["confidence"]
        self.evidence: List[str] = facts["evidence"]


class FixSuggestion(_Shown):
    """A fix that might cure an error. ``decision`` is the policy gate's word: allow, ask, advise, refuse."""

    def __init__(self, facts: Dict[str, Any]) -> None:
        self.index: int = facts["index"]
        self.description: str = facts["description"]
        self.reasoning: str = facts["reasoning"]
        self.confidence: float = facts["confidence"]
        self.rule_id: str = facts["rule_id"]
        self.rule_version: str = facts["rule_version"]
        self.cause: str = facts["cause"]
        self.evidence: List[str] = facts["evidence"]
        self.verb: str = facts["verb"]
        self.action: str = facts["action"]
        self.command: Optional[List[str]] = facts["command"]
        self.files: List[str] = facts["files"]
        self.diff: Optional[str] = facts["diff"]
        self.safety: str = facts["safety"]
        self.effects: List[str] = facts["effects"]
        self.decision: str = facts["decision"]
        self.decision_reason: Optional[str] = facts["decision_reason"]

    def to_dict(self) -> Dict[str, Any]:
        """The facts as plain values."""
        return {name: value for name, value in vars(self).items() if not name.startswith("_")}


class AnalysisResult(_Shown):
    """What is thought of an error: its causes, likeliest first, and fixes, best first."""

    def __init__(
        self,
        error: "DetectedError",
        facts: Dict[str, Any],
        diagnosis: "_native.Diagnosis",
        engine: "_native.Engine",
    ) -> None:
        self.error = error
        self.causes: List[RootCause] = [RootCause(cause) for one in facts["errors"] for cause in one["causes"]]
        self.suggestions: List[FixSuggestion] = [FixSuggestion(one) for one in facts["suggestions"]]
        self._diagnosis = diagnosis
        self._engine = engine

    @property
    def root_cause(self) -> str:
        """The likeliest cause in words; empty where nothing is known."""
        return self.causes[0].description if self.causes else ""

    @property
    def confidence(self) -> float:
        """How sure the likeliest cause is, from 0 to 1."""
        return self.causes[0].confidence if self.causes else 0.0

    @property
    def requires_manual_intervention(self) -> bool:
        """Whether there is no fix that may be applied by itself."""
        return not any(suggestion.decision == "allow" for suggestion in self.suggestions)


class FixResult(_Shown):
    """What a fix did."""

    def __init__(
        self,
        success: bool,
        description: str,
        reasoning: str = "",
        confidence: float = 0.0,
        rule_id: Optional[str] = None,
        files_changed: Optional[List[str]] = None,
        command: Optional[List[str]] = None,
        diff: str = "",
        dry_run: bool = False,
        error: Optional[str] = None,
        session_id: Optional[str] = None,
        backups: Optional[List[str]] = None,
    ) -> None:
        self.success = success
        self.description = description
        self.reasoning = reasoning
        self.confidence = confidence
        self.rule_id = rule_id
        self.files_changed: List[str] = files_changed or []
        self.command = command
        self.diff = diff
        self.dry_run = dry_run
        self.error = error
        self.session_id = session_id
        self.backups: List[str] = backups or []
        self.rolled_back = False
        self._suggestion: Optional[FixSuggestion] = None
        self._analysis: Optional[AnalysisResult] = None

    @property
    def backup_path(self) -> Optional[str]:
        """The backup of the first changed file."""
        return self.backups[0] if self.backups else None


class ValidationCheck(_Shown):
    """One check: ``passed``, ``failed`` or ``skipped``."""

    def __init__(self, name: str, outcome: str, detail: Optional[str] = None) -> None:
        self.name = name
        self.outcome = outcome
        self.detail = detail


class ValidationResult(_Shown):
    """All checks of a fix, in the order in which they were made."""

    def __init__(self, checks: List[ValidationCheck], level: ValidationLevel, value: Any = None) -> None:
        self.checks = checks
        self.level = level
        self.value = value

    @property
    def success(self) -> bool:
        """Nothing failed."""
        return not self.errors

    @property
    def errors(self) -> List[str]:
        """What failed, a sentence each."""
        return [f"{check.name}: {check.detail}" for check in self.checks if check.outcome == "failed"]

    @property
    def message(self) -> str:
        """The outcome in a sentence."""
        if not self.success:
            return self.errors[0]
        passed = sum(check.outcome == "passed" for check in self.checks)
        return f"{passed} checks passed" if passed else "nothing could be checked"

    def __bool__(self) -> bool:
        return self.success


class HealingSession(_Shown):
    """One session: what failed, what was done, how it ended.

    ``final_result`` is ``success`` (proven: what failed was run again and succeeded), ``applied`` (fixes stand,
    nothing was run again), ``dry_run``, ``failed``, ``manual_intervention_required``, ``interrupted``,
    ``nothing_to_do`` or ``disabled``. In all but the first two everything is as it was before.
    """

    def __init__(self, healer: "SelfHealingOrchestrator", error: Optional["DetectedError"]) -> None:
        self.session_id: Optional[str] = None
        self.error = error
        self.final_result = "nothing_to_do"
        self.attempts = 0
        self.exit_code = 0
        self.reason: Optional[str] = None
        self.fixes: List[FixResult] = []
        self.suggestions: List[FixSuggestion] = []
        self.events: List[str] = []
        self.patch = ""
        self.exception: Optional[BaseException] = None
        self.result: Any = None
        self._healer = healer

    def __repr__(self) -> str:
        return (
            f"HealingSession(session_id={self.session_id!r}, final_result={self.final_result!r}, "
            f"attempts={self.attempts!r}, fixes={self.fixes!r}, reason={self.reason!r})"
        )

    @property
    def success(self) -> bool:
        """Proven: what failed was run again and succeeded."""
        return self.final_result == "success"

    @property
    def applied_fixes(self) -> List[FixResult]:
        """Fixes that stand."""
        return [fix for fix in self.fixes if fix.success]

    def retry(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Calls ``function`` as the proof of a session that ended with ``applied``.

        Where it returns, the session is a success, and its value is given back. Where it raises, what the
        session did is taken back and the exception goes on.
        """
        if self.final_result not in ("applied", "success"):
            raise RuntimeError(f"there is nothing to prove: the session ended with {self.final_result!r}")
        self._healer._refresh()
        try:
            self.result = function(*args, **kwargs)
        except Exception:
            if self.final_result == "applied":
                self.rollback()
            raise
        self.final_result = "success"
        return self.result

    def rollback(self) -> bool:
        """Takes everything back that the session did, as ``heal undo`` does. Whether all of it could be."""
        if self.session_id is None or not self.applied_fixes:
            return False
        done = self._healer._undo(self.session_id)
        if done:
            for fix in self.applied_fixes:
                fix.success = False
                fix.rolled_back = True
            self.final_result = "failed"
            self.reason = "taken back"
        return done

    def to_dict(self) -> Dict[str, Any]:
        """The facts as plain values."""
        return {
            "session_id": self.session_id,
            "final_result": self.final_result,
            "attempts": self.attempts,
            "exit_code": self.exit_code,
            "reason": self.reason,
            "error": self.error.to_dict() if self.error is not None else None,
            "fixes": [
                {name: value for name, value in vars(fix).items() if not name.startswith("_")} for fix in self.fixes
            ],
            "suggestions": [suggestion.to_dict() for suggestion in self.suggestions],
            "events": list(self.events),
            "patch": self.patch,
        }


def newest_backups(log_dir: str, files: List[str]) -> List[str]:
    """The newest backup of each file."""
    folder = os.path.join(log_dir, "backups")
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    found = []
    for file in files:
        start = os.path.basename(file) + "."
        mine = sorted(name for name in names if name.startswith(start) and name.endswith(".backup"))
        if mine:
            found.append(os.path.join(folder, mine[-1]))
    return found
