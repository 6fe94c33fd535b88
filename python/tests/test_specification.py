"""Every name, signature, attribute and event of the specification, written by hand and called."""

from __future__ import annotations

import inspect
import json
from typing import Any, List

import pytest
from conftest import Project

import self_healing
from self_healing import SelfHealingConfig, SelfHealingOrchestrator
from self_healing.config import EnvironmentType, ErrorType
from self_healing.detector import DetectedError, ErrorDetector
from self_healing.environments import (
    AnsibleEnvironment,
    PythonEnvironment,
    TerraformEnvironment,
)
from self_healing.results import FixResult, HealingSession, ValidationLevel, ValidationResult

MESSAGE = "ModuleNotFoundError: No module named 'requests'"

SIGNATURES = {
    SelfHealingOrchestrator: {
        "__init__": ["config=None", "log_directory=None"],
        "heal": ["error", "rerun_function=None"],
        "protect": ["func=None"],
        "healing_context": ["file_path=None"],
        "run_script": ["script_path", "globals_dict=None", "locals_dict=None"],
        "install_global_hook": [],
        "preview_fix": ["error"],
        "heal_from_output": ["output", "environment", "exit_code=1", "file_path=None"],
        "get_statistics": [],
        "get_changelog": [],
        "on_error": ["callback"],
        "on_fix": ["callback"],
        "on_complete": ["callback"],
    },
    ErrorDetector: {
        "detect_from_exception": ["exception", "file_path=None"],
        "detect_from_output": ["output", "environment", "exit_code=None", "file_path=None"],
        "validate_python_syntax": ["code", "file_path=None"],
        "validate_file_syntax": ["file_path", "environment=None"],
        "classify_error": ["message", "environment"],
        "register_validator": ["validator"],
        "catch_python_errors": ["func"],
    },
    self_healing.ErrorAnalyzer: {"analyze": ["error"]},
    self_healing.ErrorFixer: {
        "apply_fix": ["suggestion", "analysis", "dry_run=None"],
        "rollback": ["fix_result"],
        "generate_fix_preview": ["suggestion", "analysis"],
    },
    self_healing.FixValidator: {
        "validate": ["fix_result", "original_error", "level=ValidationLevel.STANDARD", "rerun_function=None"],
        "quick_validate": ["fix_result", "original_error"],
        "thorough_validate": ["fix_result", "original_error", "rerun_function=None"],
        "register_validator": ["validator"],
    },
    PythonEnvironment: {
        "validate_syntax": ["code"],
        "get_installed_packages": [],
        "install_package": ["package"],
    },
    TerraformEnvironment: {"init": [], "validate": [], "plan": [], "apply": ["auto_approve=False"]},
    AnsibleEnvironment: {"install_role": ["role"]},
}


def shown(parameter: inspect.Parameter) -> str:
    if parameter.default is inspect.Parameter.empty:
        return parameter.name
    default = parameter.default
    words = f"ValidationLevel.{default.name}" if isinstance(default, ValidationLevel) else repr(default)
    return f"{parameter.name}={words}"


@pytest.mark.parametrize("kind", list(SIGNATURES), ids=lambda kind: kind.__name__)
def test_signatures(kind: Any) -> None:
    for method, wanted in SIGNATURES[kind].items():
        parameters = list(inspect.signature(getattr(kind, method)).parameters.values())[1:]
        own = [p for p in parameters if p.kind is not inspect.Parameter.KEYWORD_ONLY]
        assert [shown(parameter) for parameter in own] == wanted, method


CONFIG = {
    "retry": {
        "max_attempts": 3,
        "backoff_multiplier": 2.0,
        "initial_delay_seconds": 1.0,
        "max_delay_seconds": 60.0,
    },
    "logging": {
        "log_directory": "./self_healing_logs",
        "changelog_file": "healing_changelog.json",
        "verbose": True,
        "log_to_console": True,
        "log_to_file": True,
    },
    "safety": {
        "dry_run": False,
        "require_approval": False,
        "backup_before_fix": True,
        "sandbox_execution": False,
    },
    "validation": {
        "run_tests_after_fix": True,
        "syntax_check_after_fix": True,
        "rollback_on_failure": True,
    },
}


def test_configuration(here: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    config = SelfHealingConfig()
    assert config.enabled is True
    for section, values in CONFIG.items():
        for name, value in values.items():
            assert getattr(getattr(config, section), name) == value, f"{section}.{name}"
    assert {"/etc", "/usr", "/bin"} <= set(config.safety.protected_paths)
    assert {"pip", "npm", "terraform"} <= set(config.safety.allowed_external_commands)
    assert config.environments == list(EnvironmentType)[:4]
    config.retry.max_attempts = 5
    config.safety.protected_paths = ["/etc", "/srv"]
    config.save_to_file("self_healing_config.json")
    assert SelfHealingConfig.from_file("self_healing_config.json") == config
    assert json.loads(here.read("self_healing_config.json"))["retry"]["max_attempts"] == 5
    # The specification's own example of a file.
    here.write(
        "example.json",
        """
        {
          "enabled": true,
          "environments": ["python", "terraform", "ansible", "bash"],
          "retry": {"max_attempts": 3, "backoff_multiplier": 2.0, "initial_delay_seconds": 1.0},
          "logging": {"log_directory": "./self_healing_logs", "verbose": true},
          "safety": {"dry_run": false, "backup_before_fix": true}
        }
        """,
    )
    assert SelfHealingConfig.from_file("example.json").retry.max_attempts == 3
    variables = {
        "SELF_HEAL_ENABLED": "false",
        "SELF_HEAL_DRY_RUN": "true",
        "SELF_HEAL_MAX_ATTEMPTS": "7",
        "SELF_HEAL_LOG_DIR": "elsewhere",
        "SELF_HEAL_VERBOSE": "false",
        "SELF_HEAL_BACKUP": "false",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    for config in (
        SelfHealingConfig(),
        SelfHealingConfig.from_file("example.json"),
        SelfHealingConfig.from_env(),
    ):
        assert (config.enabled, config.safety.dry_run, config.retry.max_attempts) == (False, True, 7)
        assert (config.logging.log_directory, config.logging.verbose) == ("elsewhere", False)
        assert config.safety.backup_before_fix is False
    assert SelfHealingOrchestrator()._source.log_dir == str(here.root / "elsewhere")


def test_bad_settings_are_refused(here: Project) -> None:
    config = SelfHealingConfig()
    with pytest.raises(AttributeError, match="did you mean 'dry_run'"):
        config.safety.dryrun = True  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        config.saftey = True  # type: ignore[attr-defined]
    with pytest.raises(TypeError):
        config.safety = {"dry_run": True}  # type: ignore[assignment]
    config.retry.max_attempts = 0
    with pytest.raises(ValueError, match="max_attempts"):
        SelfHealingOrchestrator(config=config)
    here.write("bad.json", '{\n  "retry": {"max_atempts": 3}\n}\n')
    with pytest.raises(ValueError, match=r"bad\.json:2:.*max_attempts"):
        SelfHealingConfig.from_file("bad.json")


def test_types() -> None:
    for name in [
        "SYNTAX",
        "DEPENDENCY",
        "TYPE",
        "VALUE",
        "NETWORK",
        "PERMISSION",
        "RESOURCE",
        "LOGIC",
        "RUNTIME",
    ]:
        assert ErrorType[name].value == name.lower()
    assert [kind.value for kind in EnvironmentType][:4] == ["python", "terraform", "ansible", "bash"]


def test_preview(healer: Any, here: Project) -> None:
    error = DetectedError(
        error_type=ErrorType.DEPENDENCY,
        environment=EnvironmentType.PYTHON,
        message=MESSAGE.replace("requests", "yaml"),
    )
    previews = healer.preview_fix(error)
    assert previews
    for preview in previews:
        assert preview["description"] and preview["reasoning"]
        assert 0 <= preview["confidence"] <= 1
    assert not (here.root / "self_healing_logs").exists()


def test_detector(healer: Any, here: Project) -> None:
    detector = healer.detector
    try:
        import no_such_module_here  # type: ignore[import-not-found]  # noqa: F401
    except ImportError as exception:
        error = detector.detect_from_exception(exception)
    assert error.error_type is ErrorType.DEPENDENCY
    assert error.environment is EnvironmentType.PYTHON
    assert error.message == "ModuleNotFoundError: No module named 'no_such_module_here'"
    assert error.exception is not None and "Traceback" in error.traceback
    output = "bash: line 1: jqq: command not found\n"
    found = detector.detect_from_output(output, EnvironmentType.BASH, exit_code=127)
    assert (found.environment, found.error_type) == (EnvironmentType.BASH, ErrorType.COMMAND)
    assert detector.detect_from_output(output, EnvironmentType.BASH, exit_code=0) is None
    assert detector.detect_from_output("all is well\n", EnvironmentType.BASH) is None
    assert detector.validate_python_syntax("x = 1") is None
    syntax = detector.validate_python_syntax("x = 1\nif x\n    pass\n", "a.py")
    assert (syntax.error_type, syntax.line_number) == (ErrorType.SYNTAX, 2)
    broken = here.write("a.sh", "if true; then\n")
    fault = detector.validate_file_syntax(broken)
    assert (fault.environment, fault.error_type) == (EnvironmentType.BASH, ErrorType.SYNTAX)
    here.write("a.sh", "if true; then :; fi\n")
    assert detector.validate_file_syntax(broken) is None
    assert detector.validate_file_syntax(here.write("a.py", "x = (1\n")).environment is EnvironmentType.PYTHON
    assert detector.classify_error(MESSAGE, EnvironmentType.PYTHON) is ErrorType.DEPENDENCY
    assert (
        detector.classify_error("PermissionError: [Errno 13] Permission denied: 'x'", "python") is ErrorType.PERMISSION
    )
    families = {TypeError: "type", KeyError: "value", ConnectionError: "network", MemoryError: "resource"}
    for kind, name in families.items():
        assert detector.detect_from_exception(kind("x")).error_type.value == name, kind
    assert detector.classify_error("all is well", EnvironmentType.PYTHON) is ErrorType.UNKNOWN
    detector.register_validator(lambda value: "too small" if value < 1 else None)

    @detector.catch_python_errors
    def number(value: int) -> float:
        return 1 / value - 1

    assert number(2) == -0.5
    with pytest.raises(ZeroDivisionError):
        number(0)
    assert [error.error_type for error in detector.errors][0] is ErrorType.LOGIC
    assert "ZeroDivisionError" in detector.errors[1].message


def located(here: Project) -> DetectedError:
    path = here.write("tool.py", "stale = 1\n")
    return DetectedError(ErrorType.RUNTIME, EnvironmentType.PYTHON, "RuntimeError: use fresh instead of stale", path, 1)


def test_analyse_fix_validate_roll_back(healer: Any, here: Project) -> None:
    error = located(here)
    analysis = healer.analyzer.analyze(error)
    assert analysis.error is error
    assert analysis.root_cause == "`stale` is called `fresh` now"
    assert analysis.confidence == 0.95
    assert not analysis.requires_manual_intervention
    suggestion = analysis.suggestions[0]
    preview = healer.fixer.generate_fix_preview(suggestion, analysis)
    assert "-stale = 1" in preview and "+fresh = 1" in preview
    dry = healer.fixer.apply_fix(suggestion, analysis, dry_run=True)
    assert dry.success and dry.dry_run and here.read("tool.py") == "stale = 1\n"
    here.write("test_tool.py", "def test_tool():\n    pass\n")
    result = healer.fixer.apply_fix(suggestion, analysis)
    assert isinstance(result, FixResult)
    assert result.success, result.error
    assert result.description == "Write `fresh`"
    assert result.files_changed == [str(here.root / "tool.py")]
    assert here.read("tool.py") == "fresh = 1\n"
    assert result.backup_path is not None
    with open(result.backup_path, encoding="utf-8") as backup:
        assert backup.read() == "stale = 1\n"
    for validation in (
        healer.validator.validate(result, error),
        healer.validator.quick_validate(result, error),
        healer.validator.thorough_validate(result, error, rerun_function=lambda: 1),
    ):
        assert isinstance(validation, ValidationResult)
        assert validation.success, validation.errors
    failing = healer.validator.validate(result, error, level=ValidationLevel.QUICK, rerun_function=lambda: 1 / 0)
    assert not failing.success and "ZeroDivisionError" in failing.errors[0]
    if not failing.success and healer.config.validation.rollback_on_failure:
        assert healer.fixer.rollback(result) is True
    assert here.read("tool.py") == "stale = 1\n"
    assert healer.fixer.rollback(result) is False


def test_a_rollback_leaves_alone_what_somebody_changed(healer: Any, here: Project) -> None:
    analysis = healer.analyzer.analyze(located(here))
    result = healer.fixer.apply_fix(analysis.suggestions[0], analysis)
    here.write("tool.py", "fresh = 2\n")
    assert healer.fixer.rollback(result) is False
    assert here.read("tool.py") == "fresh = 2\n"


def test_the_gate_stands_before_single_fixes_too(healer: Any, here: Project) -> None:
    healer.config.safety.protected_paths = [str(here.root / "kept")]
    path = here.write("kept/tool.py", "stale = 1\n")
    error = located(here)
    error.file_path = str(path)
    analysis = healer.analyzer.analyze(error)
    result = healer.fixer.apply_fix(analysis.suggestions[0], analysis, approved=True)
    assert not result.success and "protected" in result.error
    assert here.read("kept/tool.py") == "stale = 1\n"


def test_registered_validators_decide(healer: Any, here: Project) -> None:
    error = located(here)
    healer.validator.register_validator(lambda fix, original: "no" if fix.files_changed else True)
    session = healer.heal(error)
    assert session.final_result != "applied"
    assert here.read("tool.py") == "stale = 1\n"


def test_callbacks_and_the_record(healer: Any, here: Project) -> None:
    errors: List[DetectedError] = []
    fixes: List[FixResult] = []
    sessions: List[HealingSession] = []

    def breaks(_: Any) -> None:
        raise RuntimeError("a callback's own trouble")

    for register in (healer.on_error, healer.on_fix, healer.on_complete):
        register(breaks)
    healer.on_error(errors.append)
    healer.on_fix(fixes.append)
    healer.on_complete(sessions.append)
    calls: List[int] = []

    @healer.protect
    def ask() -> str:
        calls.append(1)
        if len(calls) == 1:
            raise ConnectionError("busy")
        return "done"

    assert ask() == "done"
    assert [error.message for error in errors] == ["ConnectionError: busy"]
    assert [fix.description for fix in fixes] == ["Try again"]
    assert [session.final_result for session in sessions] == ["success"]
    with pytest.raises(KeyError):
        healer.protect(lambda: {}["x"])()
    stats = healer.get_statistics()
    assert (stats["successful_fixes"], stats["failed_fixes"]) == (1, 0)
    assert stats["success_rate"] == 100.0
    assert stats["manual_interventions"] == 1
    changelog = healer.get_changelog()
    assert stats["total_incidents"] == len(changelog["incidents"])
    assert changelog["metadata"]["version"] == "1.0.0"
    for key in [
        "incident_id",
        "event_type",
        "timestamp",
        "severity",
        "environment",
        "file_path",
        "line_number",
        "error_type",
        "error_message",
        "fix_description",
        "fix_reasoning",
        "validation_result",
        "attempt_number",
    ]:
        assert all(key in incident for incident in changelog["incidents"]), key
    events = {incident["event_type"] for incident in changelog["incidents"]}
    assert events >= {
        "error_detected",
        "analysis_complete",
        "fix_generated",
        "fix_applied",
        "fix_validated",
        "healing_complete",
        "manual_intervention_required",
    }
    assert json.loads(here.read("self_healing_logs/healing_changelog.json")) == changelog


def test_failed_fixes_and_rollbacks_are_events(healer: Any, here: Project) -> None:
    error = located(here)

    def again() -> None:
        exec(compile("raise RuntimeError('use fresh instead of sta' + 'le')", str(here.root / "tool.py"), "exec"))

    session = healer.heal(error, again)
    assert not session.success
    assert {"fix_failed", "rollback_performed"} <= set(session.events)


def test_log_directory(here: Project) -> None:
    healer = SelfHealingOrchestrator(log_directory="logs/here")
    healer.config.logging.log_to_console = False
    healer.heal("ValueError: nobody knows\n")
    assert healer.get_changelog()["incidents"]
    assert (here.root / "logs/here/healing_changelog.json").exists()


def test_every_public_name_is_there() -> None:
    for name in self_healing.__all__:
        assert getattr(self_healing, name) is not None
        assert (getattr(self_healing, name).__doc__ or "").strip(), name
    assert self_healing.orchestrator.self_heal(lambda: 3)() == 3
