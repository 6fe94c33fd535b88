"""Python, Terraform, Ansible and Bash: run their tools, read what they say.

What a tool printed is a ``str`` that also knows the command it came from: given to
:meth:`~self_healing.SelfHealingOrchestrator.heal_from_output`, the command can be run again as proof.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, Dict, List, Optional, Sequence, Tuple, Union

from . import _native
from .config import EnvironmentType, PathLike
from .detector import DetectedError, ErrorDetector

__all__ = [
    "AnsibleEnvironment",
    "BashEnvironment",
    "CommandOutput",
    "PythonEnvironment",
    "TerraformEnvironment",
]


class CommandOutput(str):
    """What a command printed."""

    command: List[str]
    cwd: Optional[str]
    exit_code: int
    everything: str
    """Both streams."""

    def __new__(
        cls,
        text: str,
        command: Sequence[str] = (),
        cwd: Optional[str] = None,
        exit_code: int = 0,
        everything: Optional[str] = None,
    ) -> "CommandOutput":
        made = super().__new__(cls, text)
        made.command = list(command)
        made.cwd = cwd
        made.exit_code = exit_code
        made.everything = text if everything is None else everything
        return made

    def __getnewargs__(self) -> Any:
        return (str(self), self.command, self.cwd, self.exit_code, self.everything)


class _Environment:
    environment: EnvironmentType

    def __init__(self, working_dir: Optional[PathLike] = None, timeout: Optional[float] = None) -> None:
        self.working_dir = os.path.abspath(os.fspath(working_dir)) if working_dir is not None else None
        self.timeout = timeout

    def _call(self, method: str, **arguments: Any) -> Any:
        request = {"method": method, "cwd": self.working_dir or os.getcwd(), "timeout": self.timeout}
        for name, value in arguments.items():
            if value is not None:
                request[name] = os.fspath(value) if isinstance(value, os.PathLike) else value
        return json.loads(_native.environment(self.environment.value, json.dumps(request)))

    def _run(self, method: str, **arguments: Any) -> Tuple[int, CommandOutput, CommandOutput, CommandOutput]:
        """Code, standard output, standard error, both."""
        answer = self._call(method, **arguments)
        if "error" in answer:
            nothing = CommandOutput("", exit_code=answer["code"])
            said = CommandOutput(answer["error"] + "\n", cwd=self.working_dir, exit_code=answer["code"])
            return answer["code"], nothing, said, said
        ran = answer["value"]

        def output(text: str) -> CommandOutput:
            return CommandOutput(text, ran["argv"], ran["cwd"], ran["code"], ran["output"])

        return ran["code"], output(ran["stdout"]), output(ran["stderr"]), output(ran["output"])

    def parse_error(self, output: str, exit_code: Optional[int] = None) -> DetectedError:
        """The error in an output of this environment's tools."""
        code = exit_code if exit_code is not None else (getattr(output, "exit_code", None) or 1)
        error = ErrorDetector().detect_from_output(output, self.environment, code)
        assert error is not None, "a code that is not 0 is an error"
        return error


class PythonEnvironment(_Environment):
    """A Python interpreter: by default the running one."""

    environment = EnvironmentType.PYTHON

    def __init__(
        self,
        python: Optional[PathLike] = None,
        working_dir: Optional[PathLike] = None,
        timeout: Optional[float] = None,
    ) -> None:
        super().__init__(working_dir, timeout)
        self.python = os.fspath(python) if python is not None else (sys.executable or "python3")

    def validate_syntax(self, code: str) -> Tuple[bool, Optional[str]]:
        """Whether source can be compiled, and what is wrong where it cannot."""
        answer = self._call("validate_syntax", text=code, program=self.python)
        if "error" in answer:
            return False, answer["error"]
        fault = answer["value"]
        return (True, None) if fault is None else (False, f"{fault['message']} (line {fault['line']})")

    def get_installed_packages(self) -> Dict[str, str]:
        """Installed distributions and their versions."""
        answer = self._call("installed_packages", program=self.python)
        if "error" in answer:
            raise OSError(answer["error"])
        return dict(answer["value"])

    def install_package(self, package: str) -> Tuple[bool, str]:
        """Installs a distribution with pip: whether it worked, and what pip said."""
        code, _, _, output = self._run("install_package", text=package, program=self.python)
        if code == 0:
            from importlib import invalidate_caches

            invalidate_caches()
        return code == 0, output

    def run_script(self, script_path: PathLike, args: Sequence[str] = ()) -> Tuple[int, str, str]:
        """Runs a script: exit code, standard output, standard error."""
        code, stdout, stderr, _ = self._run("run_script", path=script_path, args=list(args), program=self.python)
        return code, stdout, stderr


class TerraformEnvironment(_Environment):
    """Terraform in a folder. ``program`` may be another one that works alike, such as ``tofu``."""

    environment = EnvironmentType.TERRAFORM

    def __init__(
        self,
        working_dir: PathLike = ".",
        program: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> None:
        super().__init__(working_dir, timeout)
        self.program = program

    def _succeeds(self, method: str, **arguments: Any) -> Tuple[bool, str]:
        code, _, _, output = self._run(method, program=self.program, **arguments)
        return code == 0, output

    def init(self) -> Tuple[bool, str]:
        """``terraform init``: whether it worked, and what it said."""
        return self._succeeds("init")

    def validate(self) -> Tuple[bool, str]:
        """``terraform validate``"""
        return self._succeeds("validate")

    def plan(self) -> Tuple[bool, str]:
        """``terraform plan``"""
        return self._succeeds("plan")

    def apply(self, auto_approve: bool = False) -> Tuple[bool, str]:
        """``terraform apply``; without ``auto_approve`` it ends where it would ask."""
        return self._succeeds("apply", flag=auto_approve)


class AnsibleEnvironment(_Environment):
    """Ansible in a folder: by default the current one."""

    environment = EnvironmentType.ANSIBLE

    def syntax_check(self, playbook: PathLike, inventory: Optional[PathLike] = None) -> Tuple[bool, str]:
        """Whether a playbook's syntax is right, and what Ansible said."""
        code, _, _, output = self._run("syntax_check", path=playbook, inventory=inventory)
        return code == 0, output

    def install_role(self, role: str) -> Tuple[bool, str]:
        """Installs a role from Galaxy: whether it worked, and what was said."""
        code, _, _, output = self._run("install_role", text=role)
        return code == 0, output

    def install_collection(self, collection: str) -> Tuple[bool, str]:
        """Installs a collection from Galaxy: whether it worked, and what was said."""
        code, _, _, output = self._run("install_collection", text=collection)
        return code == 0, output

    def run_playbook(
        self,
        playbook: PathLike,
        inventory: Optional[PathLike] = None,
        check_mode: bool = False,
        extra_vars: Union[Dict[str, Any], Sequence[str], None] = None,
    ) -> Tuple[int, str, str]:
        """Runs a playbook: exit code, standard output, standard error."""
        variables = [json.dumps(extra_vars)] if isinstance(extra_vars, dict) else list(extra_vars or ())
        code, stdout, stderr, _ = self._run(
            "run_playbook", path=playbook, inventory=inventory, flag=check_mode, args=variables
        )
        return code, stdout, stderr


class BashEnvironment(_Environment):
    """Bash in a folder: by default the current one."""

    environment = EnvironmentType.BASH

    def syntax_check(self, script_path: PathLike) -> Tuple[bool, Optional[str]]:
        """Whether a script's syntax is right, and what bash said where it is not."""
        code, _, _, output = self._run("syntax_check", path=script_path)
        return code == 0, (None if code == 0 else output)

    def get_missing_commands(self, script_path: PathLike) -> List[str]:
        """Commands that a script calls and that are not there, sorted."""
        answer = self._call("missing_commands", path=script_path)
        if "error" in answer:
            raise OSError(answer["error"])
        return list(answer["value"])

    def run_script(self, script_path: PathLike, args: Sequence[str] = ()) -> Tuple[int, str, str]:
        """Runs a script: exit code, standard output, standard error."""
        code, stdout, stderr, _ = self._run("run_script", path=script_path, args=list(args))
        return code, stdout, stderr
