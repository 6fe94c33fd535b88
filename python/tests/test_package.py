"""The package itself: what importing it brings along, its types, its command, its installation."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest
from conftest import Project

SOURCE = Path(__file__).resolve().parent.parent


def test_importing_starts_no_thread_and_loads_no_engine(project: Project) -> None:
    code = (
        "import self_healing, sys, threading; print(threading.active_count(), 'self_healing._native' in sys.modules,"
        " 'asyncio' in sys.modules)"
    )
    assert project.run("-c", code).stdout == "1 False False\n"


def test_the_command(project: Project) -> None:
    done = project.run("-m", "self_healing", "rules", "list")
    assert "python/missing-module" in done.stdout
    assert project.run("-m", "self_healing", "--version").stdout.startswith("heal ")
    assert project.run("-m", "self_healing", "run", "--", "sh", "-c", "exit 7", expect=7)


def test_a_child_after_fork_heals_too(project: Project) -> None:
    project.offer("forkdist")
    project.write("requirements.txt", "forkdist\n")
    done = project.script(
        """
        import os
        from self_healing import SelfHealingOrchestrator
        healer = SelfHealingOrchestrator()
        healer.preview_fix("ValueError: x")
        @healer.protect
        def answer():
            import forkdist
            return forkdist.ANSWER
        child = os.fork()
        if child == 0:
            print(answer(), flush=True)
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        print("parent", flush=True)
        """
    )
    assert done.stdout == "42\nparent\n", done.stderr


def test_other_threads_run_while_the_engine_works(project: Project) -> None:
    project.offer("slowdist")
    project.write("requirements.txt", "slowdist\n")
    done = project.script(
        """
        import threading, time
        from self_healing import SelfHealingOrchestrator
        healer = SelfHealingOrchestrator()
        ticks, stop = [], threading.Event()
        def tick():
            while not stop.wait(0.01):
                ticks.append(time.monotonic())
        thread = threading.Thread(target=tick)
        thread.start()
        @healer.protect
        def answer():
            import slowdist
            return slowdist.ANSWER
        answer()
        stop.set()
        thread.join()
        print(max(b - a for a, b in zip(ticks, ticks[1:])) < 1.0, len(ticks) > 10)
        """
    )
    assert done.stdout == "True True\n", done.stderr


def test_pytest_heals_collection_only_when_asked(project: Project) -> None:
    project.offer("testdist")
    project.write("requirements-dev.txt", "testdist\n")
    project.write("test_it.py", "import testdist\n\ndef test_it():\n    assert testdist.ANSWER == 42\n")
    project.write("test_wrong.py", "def test_wrong():\n    assert 1 == 2\n")
    command = ("-m", "pytest", "-q", "-p", "no:cacheprovider")
    # The plugin is found by its entry point, and does nothing unless it is asked.
    assert "testdist" in project.run(*command, expect=2).stdout
    assert not (project.root / "self_healing_logs").exists()
    done = project.run(*command, "--heal", expect=1)
    # What was in the way of collecting is healed; a failing test is an answer, and stays one.
    assert "1 failed, 1 passed" in done.stdout
    assert "healed" in done.stdout and "testdist" in done.stdout
    assert project.read("test_wrong.py") == "def test_wrong():\n    assert 1 == 2\n"


def test_ipython_heals_a_cell(project: Project) -> None:
    project.offer("celldist")
    project.write("requirements.txt", "celldist\n")
    project.write(
        "cells.ipy",
        """
        %load_ext self_healing
        get_ipython().run_cell_magic("heal", "", "import celldist\\nprint(celldist.ANSWER)")
        """,
    )
    done = project.run("-m", "IPython", "--no-banner", "--colors=NoColor", "cells.ipy")
    assert "42" in done.stdout.splitlines(), done.stdout + done.stderr


def tool(name: str, *args: Any) -> str:
    """Runs a program over the package's source; what it says is what is wrong."""
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    done = subprocess.run([name, *map(str, args)], cwd=SOURCE, capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_types_are_strict(tmp_path: Path) -> None:
    assert tool("mypy", "--strict", "--cache-dir", tmp_path, "self_healing") == ""


def test_the_native_stubs_name_what_is_there() -> None:
    import ast

    from self_healing import _native

    stubs = ast.parse((SOURCE / "self_healing" / "_native.pyi").read_text(encoding="utf-8"))
    for node in stubs.body:
        if isinstance(node, ast.ClassDef):
            kind = getattr(_native, node.name)
            for inside in node.body:
                if isinstance(inside, ast.FunctionDef):
                    assert hasattr(kind, inside.name), f"{node.name}.{inside.name}"
        elif isinstance(node, ast.FunctionDef):
            assert callable(getattr(_native, node.name)), node.name


def test_the_source_is_python_3_8() -> None:
    assert tool("vermin", "--target=3.8-", "--no-tips", "--violations", "--eval-annotations", "self_healing") == ""
    assert tool("ruff", "check", "--no-cache", ".") == ""


def test_the_source_distribution_carries_what_it_needs(tmp_path: Path) -> None:
    assert tool("maturin", "sdist", "-o", tmp_path) == ""
    (archive,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(archive) as content:
        names = ["/".join(name.split("/")[1:]) for name in content.getnames()]
    for wanted in [
        "pyproject.toml",
        "python/self_healing/py.typed",
        "python/self_healing/_native.pyi",
        "src/lib.rs",
        "rules/python.yaml",
        "build.rs",
    ]:
        assert wanted in names or wanted.replace("python/", "", 1) in names, wanted
    extra = [name for name in names if name.startswith(("tests/", "docs/", "examples/", "python/tests/", "fuzz/"))]
    # The manifest names one test and one benchmark.
    assert extra == ["tests/healing.rs"]


@pytest.mark.skipif("HEAL_TEST_WHEEL" not in os.environ, reason="HEAL_TEST_WHEEL names no wheel")
def test_a_wheel_in_a_fresh_venv(project: Project, tmp_path: Path) -> None:
    venv = tmp_path / "fresh"
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    python = venv / "bin" / "python"
    install = [str(python), "-m", "pip", "install", "--no-index", os.environ["HEAL_TEST_WHEEL"]]
    subprocess.run(install, check=True, capture_output=True)
    assert (venv / "bin" / "heal").exists()
    project.python = python
    project.offer("freshdist")
    project.write("requirements.txt", "freshdist\n")
    done = project.script(
        """
        from self_healing.orchestrator import self_heal

        @self_heal
        def answer():
            import freshdist
            return freshdist.ANSWER

        print(answer())
        """
    )
    assert done.stdout == "42\n", done.stderr
    done_listing = subprocess.run([str(venv / "bin" / "heal"), "rules", "list"], capture_output=True, text=True)
    assert "python/missing-module" in done_listing.stdout
