"""The environments: their tools, and healing from what they print."""

from __future__ import annotations

import os
import shutil
import sys
from typing import Any

import pytest
from conftest import Project

from self_healing import EnvironmentType
from self_healing.environments import (
    AnsibleEnvironment,
    BashEnvironment,
    CommandOutput,
    PythonEnvironment,
    TerraformEnvironment,
)


def test_python(here: Project) -> None:
    python = PythonEnvironment()
    assert python.validate_syntax("x = 1") == (True, None)
    valid, error = python.validate_syntax("x = (1")
    assert not valid and error is not None and "SyntaxError" in error
    assert "pytest" in python.get_installed_packages()
    script = here.write("a.py", "import sys\nprint(sys.argv[1])\nsys.exit(3)\n")
    assert python.run_script(script, ["x"]) == (3, "x\n", "")
    success, output = python.install_package("--help")
    assert not success and "not a package" in output


def test_install_package(project: Project) -> None:
    project.offer("envdist")
    python = PythonEnvironment(python=project.python, working_dir=project.root)
    before = dict(os.environ)
    os.environ.update(project.environment())
    try:
        success, output = python.install_package("envdist")
    finally:
        os.environ.clear()
        os.environ.update(before)
    assert success, output
    assert python.get_installed_packages()["envdist"] == "1.0"


def test_bash(here: Project) -> None:
    bash = BashEnvironment()
    script = here.write("a.sh", "echo out\necho err >&2\nno-such-tool-xyz\n")
    assert bash.syntax_check(script) == (True, None)
    assert bash.get_missing_commands(script) == ["no-such-tool-xyz"]
    code, stdout, stderr = bash.run_script(script)
    assert (code, stdout) == (127, "out\n") and stderr.startswith("err\n")
    here.write("b.sh", "if true; then\n")
    valid, error = bash.syntax_check("b.sh")
    assert not valid and error is not None and "syntax error" in error


def fake(here: Project, monkeypatch: pytest.MonkeyPatch, name: str, text: str) -> None:
    """A tool of this name on PATH."""
    path = here.write(f"bin/{name}", "#!/bin/sh\n" + text)
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{here.root / 'bin'}{os.pathsep}{os.environ['PATH']}")


def test_the_tools_get_the_right_arguments(here: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("terraform", "ansible-playbook", "ansible-galaxy"):
        fake(here, monkeypatch, name, 'echo "$(basename "$0") $*"\n')
    terraform = TerraformEnvironment(working_dir=here.root)
    assert terraform.init()[1].split()[:2] == ["terraform", "init"]
    assert terraform.validate()[1].split()[:2] == ["terraform", "validate"]
    assert terraform.plan()[1].split()[:2] == ["terraform", "plan"]
    assert "-auto-approve" in terraform.apply(auto_approve=True)[1]
    assert "-auto-approve" not in terraform.apply()[1]
    ansible = AnsibleEnvironment()
    assert "--syntax-check" in ansible.syntax_check("playbook.yml")[1]
    assert "role install geerlingguy.docker" in ansible.install_role("geerlingguy.docker")[1]
    code, stdout, stderr = ansible.run_playbook("site.yml", inventory="hosts.ini", check_mode=True)
    assert (code, stdout, stderr) == (0, "ansible-playbook -i hosts.ini --check site.yml\n", "")


def test_a_tool_that_is_not_there(here: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(here.root))
    success, output = TerraformEnvironment(working_dir=".").plan()
    assert not success and "not found" in output
    assert isinstance(output, CommandOutput) and output.exit_code == 127


def test_output_that_knows_its_command_is_proven(healer: Any, here: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(
        here,
        monkeypatch,
        "terraform",
        '[ -d modules ] || { echo "tool: modules is missing" >&2; exit 1; }\necho planned\n',
    )
    success, output = TerraformEnvironment(working_dir=here.root).plan()
    assert not success
    assert output.command[:2] == ["terraform", "plan"]
    session = healer.heal_from_output(output, EnvironmentType.TERRAFORM)
    assert session.final_result == "success", session
    assert (here.root / "modules").is_dir()
    assert TerraformEnvironment(working_dir=here.root).plan() == (True, "planned\n")


def test_plain_output_is_applied_and_not_proven(healer: Any, here: Project) -> None:
    session = healer.heal_from_output("tool: roles is missing\n", environment=EnvironmentType.ANSIBLE)
    assert session.final_result == "applied"
    assert (here.root / "roles").is_dir()
    assert healer.heal_from_output("tool: x is missing\n", EnvironmentType.ANSIBLE, exit_code=0).attempts == 0


def test_parse_error(here: Project) -> None:
    bash = BashEnvironment()
    here.write("a.sh", "no-such-tool-xyz\n")
    _, _, stderr = bash.run_script("a.sh")
    error = bash.parse_error(stderr)
    assert error.environment is EnvironmentType.BASH
    assert "no-such-tool-xyz" in error.message
    assert error.command[0] == "bash"


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed")
def test_real_terraform(here: Project) -> None:
    here.write("main.tf", 'output "a" {\n  value = 1\n}\n')
    terraform = TerraformEnvironment(working_dir=here.root)
    assert terraform.init()[0] and terraform.validate()[0]
    assert sys.version_info >= (3, 8)
