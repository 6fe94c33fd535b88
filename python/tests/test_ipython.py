"""The magics of IPython."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import Project

testing = pytest.importorskip("IPython.testing.globalipapp")


@pytest.fixture
def shell(here: Project) -> Any:
    shell = testing.start_ipython() or testing.get_ipython()
    shell.run_line_magic("load_ext", "self_healing")
    yield shell
    shell.run_line_magic("unload_ext", "self_healing")


def test_a_cell_is_healed_and_run_again(shell: Any, here: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    here.write("heal.toml", '[packs]\npaths = ["site.pack.yaml"]\n[logging]\nlog_to_console = false\n')
    monkeypatch.setattr("self_healing._ipython._healer", None)
    cell = "runs = globals().get('runs', 0) + 1\nif runs < 2:\n    raise ConnectionError('busy')\n"
    shell.run_cell_magic("heal", "", cell)
    assert shell.user_ns["runs"] == 2


def test_every_cell_when_switched_on(shell: Any, here: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    here.write("heal.toml", '[packs]\npaths = ["site.pack.yaml"]\n[logging]\nlog_to_console = false\n')
    here.write("cell_module.py", "stale = 1\n\ndef f():\n    raise RuntimeError('use fresh instead of stale')\n")
    monkeypatch.syspath_prepend(str(here.root))
    monkeypatch.setattr("self_healing._ipython._healer", None)
    shell.run_line_magic("heal", "on")
    shell.run_cell("import cell_module\ncell_module.f()\n")
    shell.run_line_magic("heal", "off")
    assert here.read("cell_module.py").startswith("fresh = 1")
