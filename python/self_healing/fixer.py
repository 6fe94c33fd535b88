"""Applying fixes: past the policy gate, in a transaction, with backups, and back again."""

from __future__ import annotations

import json
from typing import Optional

from ._engine import EngineSource
from .config import SelfHealingConfig
from .results import AnalysisResult, FixResult, FixSuggestion, newest_backups

__all__ = ["ErrorFixer", "FixResult", "FixSuggestion"]


class ErrorFixer:
    """Applies the fixes of an analysis."""

    def __init__(self, config: Optional[SelfHealingConfig] = None, _source: Optional[EngineSource] = None) -> None:
        self._source = _source or EngineSource(config or SelfHealingConfig())

    def apply_fix(
        self,
        suggestion: FixSuggestion,
        analysis: AnalysisResult,
        dry_run: Optional[bool] = None,
        *,
        approved: bool = False,
    ) -> FixResult:
        """Applies a fix.

        Only what the policy gate allows is done; ``approved`` says that a person has agreed to what the
        gate would ask about. What is refused, or only advice, is never done: the result says why.
        """
        result = FixResult(
            success=False,
            description=suggestion.description,
            reasoning=suggestion.reasoning,
            confidence=suggestion.confidence,
            rule_id=suggestion.rule_id,
            command=suggestion.command,
            diff=suggestion.diff or "",
        )
        result._suggestion, result._analysis = suggestion, analysis
        if self._source.config.safety.dry_run if dry_run is None else dry_run:
            result.success = result.dry_run = True
            return result
        facts = json.loads(analysis._engine.apply(analysis._diagnosis, suggestion.index, approved))
        if "error" in facts:
            result.error = facts["error"]
        elif facts["dry_run"]:
            result.success = result.dry_run = True
        else:
            result.success = True
            result.session_id = facts["session_id"]
            result.files_changed = facts["files"]
            result.diff = facts["diff"]
            result.backups = newest_backups(self._source.log_dir, result.files_changed)
        return result

    def rollback(self, fix_result: FixResult) -> bool:
        """Takes a fix back, byte for byte; whether all of it could be.

        What somebody changed since then is left alone, and the answer is ``False``.
        """
        if fix_result.session_id is None or fix_result.rolled_back:
            return False
        facts = json.loads(self._source.engine().rollback(fix_result.session_id))
        if "error" in facts:
            fix_result.error = facts["error"]
            return False
        fix_result.rolled_back = bool(facts["complete"])
        if facts["could_not_undo"]:
            fix_result.error = "; ".join(facts["could_not_undo"])
        return fix_result.rolled_back

    def generate_fix_preview(self, suggestion: FixSuggestion, analysis: AnalysisResult) -> str:
        """What a fix would do, for people: why, how sure, and the exact command or diff."""
        lines = [
            suggestion.description,
            f"cause ({suggestion.confidence:.2f}): {suggestion.reasoning}",
            *(f"  {piece}" for piece in suggestion.evidence),
        ]
        if suggestion.diff:
            lines.append(suggestion.diff.rstrip("\n"))
        else:
            lines.append(f"{suggestion.verb}: {suggestion.action}")
        words = {"allow": "would be applied", "ask": "needs approval", "advise": "for a person to do"}
        decision = words.get(suggestion.decision, "not allowed")
        reason = f": {suggestion.decision_reason}" if suggestion.decision_reason else ""
        lines.append(f"{decision}{reason}")
        return "\n".join(lines)
