"""``pytest --heal``: heals what keeps test files from being collected (imports, syntax), and nothing else.

Failing tests are never healed: a test that fails is an answer, not an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, List

if TYPE_CHECKING:
    import pytest

    from .results import HealingSession


def pytest_addoption(parser: "pytest.Parser") -> None:
    """Adds ``--heal``."""
    group = parser.getgroup("self-healing")
    group.addoption("--heal", action="store_true", default=False, help="heal import and syntax errors of collection")


def pytest_configure(config: "pytest.Config") -> None:
    """Puts the plugin in, where it was asked for."""
    if config.getoption("--heal", False):
        config.pluginmanager.register(_Healing(), "self-healing-collection")


class _Healing:
    def __init__(self) -> None:
        self._healer: Any = None
        self._sessions: List[HealingSession] = []

    def _orchestrator(self) -> Any:
        if self._healer is None:
            from .orchestrator import SelfHealingOrchestrator

            self._healer = SelfHealingOrchestrator()
        return self._healer

    def pytest_make_collect_report(self, collector: Any) -> Any:
        """Collects; where an import or the syntax is in the way, heals and collects again."""
        import pytest
        from _pytest.runner import pytest_make_collect_report

        report = pytest_make_collect_report(collector)
        if report.outcome != "failed" or not isinstance(collector, pytest.Module):
            return report
        call: Any = getattr(report, "call", None)
        error = _cause(call.excinfo.value if call is not None and call.excinfo is not None else None)
        if error is None:
            return report
        made = []

        def again() -> None:
            collector._obj = None
            made.append(pytest_make_collect_report(collector))
            if made[-1].outcome == "failed":
                next_error = _cause(made[-1].call.excinfo.value)
                raise next_error if next_error is not None else RuntimeError(str(made[-1].longrepr))

        session = self._orchestrator().heal(error, again)
        self._sessions.append(session)
        return made[-1] if session.success and made else report

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Says what was healed."""
        healed = [session for session in self._sessions if session.success]
        if healed:
            terminalreporter.section("healed")
            for session in healed:
                for fix in session.applied_fixes:
                    terminalreporter.write_line(f"{fix.description} (session {session.session_id})")


def _cause(error: Any) -> Any:
    """The import or syntax error behind pytest's own one."""
    seen: List[int] = []
    found = None
    while error is not None and id(error) not in seen:
        seen.append(id(error))
        if isinstance(error, (ImportError, SyntaxError)):
            found = error
        error = error.__cause__ or error.__context__
    return found
