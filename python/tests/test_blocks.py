"""Blocks, scripts, hooks, and `heal` with a function to call."""

from __future__ import annotations

import asyncio
import sys
import threading
from typing import Any, List

import pytest
from conftest import Project

from self_healing import DetectedError, EnvironmentType, ErrorType


def test_a_block_is_reported_and_its_exception_goes_on(healer: Any, here: Project) -> None:
    path = here.write("tool.py", "stale = 1\n")
    with pytest.raises(RuntimeError), healer.healing_context(file_path=str(path)) as context:
        exec(compile("stale = 1\nraise RuntimeError('use fresh instead of stale')", str(path), "exec"))
    assert context.session.final_result == "applied"
    assert "cannot be entered again" in context.session.reason
    assert here.read("tool.py") == "fresh = 1\n"
    assert context.session.retry(lambda: "fine") == "fine"
    assert context.session.final_result == "success"


def test_a_retry_that_fails_takes_the_session_back(healer: Any, here: Project) -> None:
    path = here.write("tool.py", "stale = 1\n")
    with pytest.raises(RuntimeError), healer.healing_context() as context:
        exec(compile("stale = 1\nraise RuntimeError('use fresh instead of stale')", str(path), "exec"))
    with pytest.raises(ZeroDivisionError):
        context.session.retry(lambda: 1 / 0)
    assert here.read("tool.py") == "stale = 1\n"
    assert context.session.final_result == "failed"


def test_a_quiet_block_costs_nothing(healer: Any, here: Project) -> None:
    with healer.healing_context() as context:
        pass
    assert context.session is None
    assert not (here.root / "self_healing_logs").exists()


def test_the_loop_form_enters_again(healer: Any) -> None:
    entered: List[int] = []
    for attempt in healer.attempts():
        with attempt:
            entered.append(1)
            if len(entered) < 3:
                raise ConnectionError("busy")
    assert len(entered) == 3


def test_the_loop_form_raises_the_first_exception_where_nothing_helps(healer: Any) -> None:
    raised: List[Exception] = []
    with pytest.raises(ConnectionError) as caught:
        for attempt in healer.attempts():
            with attempt:
                raised.append(ConnectionError("busy"))
                raise raised[-1]
    assert caught.value is raised[0]
    assert len(raised) > 1


def test_a_script_is_run_again_from_the_start(healer: Any, here: Project) -> None:
    script = here.write(
        "script.py",
        """
        runs.append(1)
        stale = START
        if "sta" + "le" in globals():
            raise RuntimeError("use fresh instead of sta" + "le")
        """,
    )
    names: Any = {"START": 5, "runs": []}
    session = healer.run_script(str(script), names)
    assert session.final_result == "success", session
    assert here.read("script.py").startswith("runs.append(1)\nfresh = START\n")
    assert (names["fresh"], names["runs"], session.exit_code) == (5, [1, 1], 0)


def test_a_script_that_works_and_one_that_does_not(healer: Any, here: Project) -> None:
    fine = here.write("fine.py", "x = __name__\n")
    names: Any = {}
    assert healer.run_script(fine, globals_dict=names, locals_dict=None).final_result == "success"
    assert names["x"] == "__main__"
    broken = here.write("broken.py", "def f(:\n  return ][\n")
    session = healer.run_script(broken)
    assert session.final_result == "manual_intervention_required"
    assert isinstance(session.exception, SyntaxError)
    ended = here.write("ended.py", "import sys\nsys.exit(4)\n")
    session = healer.run_script(ended)
    assert (session.final_result, session.exit_code) == ("failed", 4)


def test_heal_with_a_function_to_call(healer: Any) -> None:
    calls: List[int] = []

    def again() -> str:
        calls.append(1)
        return "value"

    session = healer.heal(RuntimeError("try later"), rerun_function=again)
    assert (session.final_result, session.result, calls) == ("success", "value", [1])
    error = DetectedError(ErrorType.RUNTIME, EnvironmentType.PYTHON, "RuntimeError: try later")
    assert healer.heal(error, again).success


def test_heal_without_a_function_proves_nothing(healer: Any, here: Project) -> None:
    path = here.write("tool.py", "stale = 1\n")
    error = DetectedError(
        ErrorType.RUNTIME, EnvironmentType.PYTHON, "RuntimeError: use fresh instead of stale", path, 1
    )
    session = healer.heal(error)
    assert session.final_result == "applied"
    assert here.read("tool.py") == "fresh = 1\n"
    assert session.rollback()
    assert here.read("tool.py") == "stale = 1\n"


HOOKED = """
import sys, threading, asyncio
from self_healing import SelfHealingConfig, SelfHealingOrchestrator
config = SelfHealingConfig()
config.packs.paths = ["site.pack.yaml"]
healer = SelfHealingOrchestrator(config)
sys.excepthook = lambda *a: print("earlier hook", a[0].__name__)
healer.install_global_hook()
"""


def test_the_hook_heals_the_main_thread_and_goes_on(project: Project) -> None:
    done = project.script(HOOKED + "stale = 1\nraise RuntimeError('use fresh instead of stale')\n", expect=1)
    assert done.stdout == "earlier hook RuntimeError\n"
    assert "applied, not proven" in done.stderr
    assert "fresh = 1" in project.read("app.py")


def test_the_hook_heals_threads_and_tasks(healer: Any, here: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: List[str] = []
    healer.on_error(lambda error: seen.append(error.message))
    earlier: List[Any] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: earlier.append(args.exc_type))
    before = (sys.excepthook, asyncio.base_events.BaseEventLoop.default_exception_handler)
    healer.install_global_hook()
    try:
        thread = threading.Thread(target=lambda: [][1])
        thread.start()
        thread.join()

        async def main() -> None:
            asyncio.get_running_loop().call_soon(lambda: {}["missing"])
            await asyncio.sleep(0.01)

        asyncio.run(main())
        stopped = threading.Thread(target=lambda: sys.exit(1))
        stopped.start()
        stopped.join()
    finally:
        healer.remove_global_hook()
    assert [message.split(":")[0] for message in seen] == ["IndexError", "KeyError"]
    assert earlier[0] is IndexError
    assert before == (sys.excepthook, asyncio.base_events.BaseEventLoop.default_exception_handler)
