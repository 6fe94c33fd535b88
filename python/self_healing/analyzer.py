"""Finding causes: what an error comes from, how sure that is, and what would cure it."""

from __future__ import annotations

import json
from typing import Optional

from ._engine import EngineSource
from .config import SelfHealingConfig
from .detector import DetectedError
from .results import AnalysisResult

__all__ = ["AnalysisResult", "ErrorAnalyzer"]


class ErrorAnalyzer:
    """Ranks the causes of errors by evidence. It changes nothing."""

    def __init__(self, config: Optional[SelfHealingConfig] = None, _source: Optional[EngineSource] = None) -> None:
        self._source = _source or EngineSource(config or SelfHealingConfig())

    def analyze(self, error: DetectedError) -> AnalysisResult:
        """The causes of an error, likeliest first, and their fixes, best first."""
        engine = self._source.engine()
        facts, diagnosis = engine.diagnose(self._source.request(error))
        return AnalysisResult(error, json.loads(facts), diagnosis, engine)
