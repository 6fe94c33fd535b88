//! The level `thorough`: the project's own tests decide too.

use crate::project::{Ended, Project};
use crate::support::tools;

const SETTINGS: &str = "[validation]\nlevel = \"thorough\"\nrun_tests_after_fix = true\n";
const BROKEN: &str = "def total(rows)\n    return sum(rows)\n\n\nprint(total([3, 4]))\n";

/// Runs the report with an interpreter that has pytest.
fn run(project: &Project) -> Ended {
    let python = tools::folder().join("python/bin/python");
    project.heal(&["run", "--", python.to_str().unwrap(), "report.py"])
}

#[test]
fn a_project_without_tests_has_none_that_fail() {
    let project = Project::new(&[("report.py", BROKEN), ("heal.toml", SETTINGS)]);
    run(&project).expect(0, &["heal: fixed"]);
}

#[test]
fn an_interpreter_without_a_test_runner_has_nothing_to_run() {
    let project = Project::new(&[("report.py", BROKEN), ("heal.toml", SETTINGS)]);
    let told = project.heal(&["run", "--", "python3", "report.py"]);
    told.expect(0, &["heal: fixed"]);
    assert_eq!(told.out(), "7\n");
}

#[test]
fn a_fix_after_which_the_projects_tests_fail_is_taken_back() {
    let test = "import report\n\n\ndef test_total():\n    assert report.total([3, 4]) == 8\n";
    let project = Project::new(&[("report.py", BROKEN), ("test_report.py", test), ("heal.toml", SETTINGS)]);
    run(&project).expect(1, &["not fixed", "tests", "1 failed"]);
    assert_eq!(project.read("report.py"), BROKEN);
}
