"""Three programs of the kind that the package is for, each as a whole."""

from __future__ import annotations

import json

from conftest import Project


def test_a_report_whose_library_is_missing(project: Project) -> None:
    project.offer("reportlib")
    project.write("pyproject.toml", '[project]\nname = "reports"\nversion = "1"\ndependencies = ["reportlib>=1"]\n')
    done = project.script(
        """
        from self_healing import SelfHealingOrchestrator

        healer = SelfHealingOrchestrator()

        @healer.protect
        def fetch_data():
            import reportlib  # installed, because the project declares it
            return {"answer": reportlib.ANSWER}

        result = fetch_data()
        print(result["answer"])
        """
    )
    assert done.stdout == "42\n"
    assert project.events()[-1] == "healing_complete"
    # The next run has nothing to heal, says nothing and records nothing.
    before = project.read("self_healing_logs/healing_changelog.json")
    again = project.run("app.py")
    assert (again.stdout, again.stderr) == ("42\n", "")
    assert project.read("self_healing_logs/healing_changelog.json") == before


TERRAFORM = """#!/bin/sh
case "$1" in
  init) mkdir -p .terraform; echo initialized ;;
  plan) [ -d modules ] || { echo 'tool: modules is missing' >&2; exit 1; }; echo 'No changes.' ;;
esac
"""


def test_a_pipeline_around_terraform(project: Project) -> None:
    project.write("bin/terraform", TERRAFORM).chmod(0o755)
    project.write("infrastructure/main.tf", "")
    done = project.script(
        """
        import os
        os.environ["PATH"] = os.path.abspath("bin") + os.pathsep + os.environ["PATH"]
        from self_healing import SelfHealingConfig, SelfHealingOrchestrator
        from self_healing.environments import TerraformEnvironment
        from self_healing.config import EnvironmentType

        config = SelfHealingConfig()
        config.packs.paths = ["site.pack.yaml"]
        healer = SelfHealingOrchestrator(config=config)
        tf = TerraformEnvironment(working_dir="./infrastructure")

        success, output = tf.init()
        if not success:
            session = healer.heal_from_output(output, EnvironmentType.TERRAFORM)
            if session.final_result == "success":
                success, output = tf.init()

        if success:
            success, output = tf.plan()
            if not success:
                session = healer.heal_from_output(output, EnvironmentType.TERRAFORM)
                print(session.final_result)
                success, output = tf.plan()
        print(output, end="")
        """
    )
    assert done.stdout == "success\nNo changes.\n", done.stderr
    assert (project.root / "infrastructure/modules").is_dir()
    assert project.events()[-2:] == ["fix_validated", "healing_complete"]


def test_a_ci_script_with_hook_tests_lint_and_statistics(project: Project) -> None:
    project.offer("checker")
    project.write("requirements-dev.txt", "checker\n")
    project.write("tests/test_one.py", "def test_one():\n    assert 1 + 1 == 2\n")
    project.write("src/one.py", "x = 1\n")
    done = project.script(
        """
        import subprocess
        import sys
        import unittest
        from self_healing import SelfHealingOrchestrator
        from self_healing.config import SelfHealingConfig

        config = SelfHealingConfig()
        config.logging.log_to_console = True
        config.logging.verbose = True
        config.retry.max_attempts = 2
        healer = SelfHealingOrchestrator(config=config)

        @healer.protect
        def run_tests():
            import checker
            return unittest.main(module=None, argv=["x", "discover", "tests"], exit=False).result.wasSuccessful() - 1

        @healer.protect
        def run_linting():
            return subprocess.run([sys.executable, "-m", "compileall", "-q", "src"])

        if __name__ == "__main__":
            healer.install_global_hook()
            test_result = run_tests()
            lint_result = run_linting()
            import json
            print(json.dumps(healer.get_statistics()))
            sys.exit(0 if test_result == 0 and lint_result.returncode == 0 else 1)
        """
    )
    stats = json.loads(done.stdout.splitlines()[-1])
    assert stats["successful_fixes"] == 1
    assert stats["failed_fixes"] == 0
    assert stats["success_rate"] == 100.0
    assert stats["manual_interventions"] == 0
    assert stats["total_incidents"] == len(project.incidents())
