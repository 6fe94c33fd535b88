"""Projects to be healed: a folder, an interpreter of its own, and distributions that can be installed offline."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path
from typing import Any, Dict, List, Optional

import pytest

import self_healing

PACKAGE = Path(self_healing.__file__).parent

# A site's pack with one error of every kind that the tests need: an edit, a retry, a variable.
PACK = r"""
heal: 1
pack: { name: site, version: 1.0.0, about: rules for the tests }
rules:
  - id: renamed
    title: A name was changed
    type: runtime
    match: { regex: '^(?:RuntimeError|ValueError): use (?P<new>\w+) instead of (?P<old>\w+)$' }
    captures: { new: identifier, old: identifier }
    causes:
      - id: renamed
        confidence: { base: 0.95 }
        explain: "`{{old}}` is called `{{new}}` now"
        fix:
          - title: "Write `{{new}}`"
            safety: safe
            effects: [project-files]
            edit: { file: "{{file}}", replace: { find: "{{old}}", with: "{{new}}", word: true, all: true } }
  - id: flaky
    title: A service is busy
    type: network
    match: { regex: '^(?:ConnectionError: busy|RuntimeError: try later)$' }
    causes:
      - id: busy
        confidence: { base: 0.95 }
        explain: The service is busy
        fix:
          - title: Try again
            safety: safe
            retry: { attempts: 3, backoff: { first: 10ms } }
  - id: needs-import
    title: A module is used and not imported
    type: import
    match: { regex: "^NameError: name '(?P<name>base64|colorsys)' is not defined" }
    captures: { name: identifier }
    causes:
      - id: not-imported
        confidence: { base: 0.95 }
        explain: "`{{name}}` is used and not imported"
        fix:
          - title: "Import {{name}}"
            safety: safe
            effects: [project-files]
            edit: { file: "{{file}}", line: 1, insert_before: "import {{name}}" }
  - id: tool
    title: A tool lacks its file
    type: configuration
    match: { regex: '^tool: (?P<name>[a-z.]+) is missing$' }
    captures: { name: path }
    causes:
      - id: missing
        confidence: { base: 0.95 }
        explain: "{{name}} is missing"
        fix:
          - title: "Make {{name}}"
            safety: safe
            effects: [project-files]
            mkdir: "{{name}}"
"""


def wheel(folder: Path, name: str, source: str, version: str = "1.0") -> Path:
    """A wheel with one module of the distribution's name."""
    info = f"{name}-{version}.dist-info"
    files: Dict[str, str] = {
        f"{name}.py": source,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = []
    for path, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        record.append(f"{path},sha256={digest},{len(text)}")
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""])
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for inside, text in files.items():
            archive.writestr(inside, text)
    return path


class Project:
    """A project with an interpreter of its own."""

    def __init__(self, root: Path, python: Path, wheels: Path) -> None:
        self.root = root
        self.python = python
        self.wheels = wheels

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        return path

    def read(self, name: str) -> str:
        return (self.root / name).read_text(encoding="utf-8")

    def offer(self, *names: str) -> None:
        """Distributions that pip can install; each has `ANSWER = 42`."""
        for name in names:
            wheel(self.wheels, name, "ANSWER = 42\n")

    def environment(self) -> Dict[str, str]:
        env = {name: value for name, value in os.environ.items() if not name.startswith(("SELF_HEAL", "PYTHON", "PIP"))}
        env.update(
            PIP_NO_INDEX="1",
            PIP_FIND_LINKS=str(self.wheels),
            PIP_DISABLE_PIP_VERSION_CHECK="1",
            HOME=str(self.root.parent),
        )
        return env

    def run(self, *args: Any, expect: Optional[int] = 0) -> "subprocess.CompletedProcess[str]":
        done = subprocess.run(
            [str(self.python), *map(str, args)],
            cwd=self.root,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=300,
        )
        if expect is not None:
            assert done.returncode == expect, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def script(self, text: str, expect: Optional[int] = 0) -> "subprocess.CompletedProcess[str]":
        """Runs a program with the package imported and a healer made."""
        self.write("app.py", text)
        return self.run("app.py", expect=expect)

    def incidents(self) -> List[Dict[str, Any]]:
        import json

        return list(json.loads(self.read("self_healing_logs/healing_changelog.json"))["incidents"])

    def events(self) -> List[str]:
        return [incident["event_type"] for incident in self.incidents()]


@pytest.fixture(scope="session")
def interpreter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A venv with pip, which finds the package under test."""
    folder = tmp_path_factory.mktemp("interpreter") / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = folder / "bin" / "python"
    where = "import sysconfig; print(sysconfig.get_paths()['purelib'])"
    site = Path(subprocess.check_output([str(python), "-c", where], text=True).strip())
    (site / "under_test.pth").write_text(f"{PACKAGE.parent}\n")
    return python


@pytest.fixture
def project(tmp_path: Path, interpreter: Path) -> Project:
    root, wheels = tmp_path / "project", tmp_path / "wheels"
    for folder in (root, root / ".git", wheels):
        folder.mkdir()
    made = Project(root, interpreter, wheels)
    made.write("site.pack.yaml", PACK)
    return made


@pytest.fixture
def here(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The same with this very process in it."""
    for name in list(os.environ):
        if name.startswith("SELF_HEAL"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(project.root)
    monkeypatch.setenv("HOME", str(project.root.parent))
    return project


@pytest.fixture
def healer(here: Project) -> Any:
    """An orchestrator with the tests' own pack."""
    config = self_healing.SelfHealingConfig()
    config.packs.paths = [here.root / "site.pack.yaml"]
    config.logging.log_to_console = False
    config.retry.initial_delay_seconds = 0.01
    return self_healing.SelfHealingOrchestrator(config)
