//! What trying again cures, and what it does not.

use std::fs;

use crate::project::{Project, pack};

/// Fails until it was started `fails` times, and counts its runs beside the project.
fn flaky(fails: u32, message: &str) -> String {
    format!(
        "#!/bin/sh
n=$(cat ../count 2>/dev/null || echo 0); n=$((n + 1)); echo $n > ../count
if [ $n -le {fails} ]; then echo '{message}' >&2; exit 6; fi
echo done after $n
"
    )
}

const RETRY: &str = "          - { title: Try again, safety: safe, retry: { attempts: 4, backoff: { first: 20ms, max: 100ms, jitter: none } } }\n";

fn runs(project: &Project) -> String {
    fs::read_to_string(project.beside("count")).unwrap().trim().to_owned()
}

#[test]
fn fails_twice_then_works() {
    let project = Project::new(&[("run.sh", &flaky(2, "BROKEN link")), ("site.yaml", &pack(RETRY))]);
    let ended = project.unchanged_by(|p| p.heal(&["run", "--pack", "site.yaml", "--", "./run.sh"]));
    ended.expect(0, &["trying again", "heal: fixed"]);
    assert_eq!(ended.out(), "done after 3\n");
}

#[test]
fn attempts_are_bounded_by_the_settings() {
    let project = Project::new(&[("run.sh", &flaky(9, "BROKEN link")), ("site.yaml", &pack(RETRY))]);
    let argv = ["run", "--max-attempts", "2", "--pack", "site.yaml", "--", "./run.sh"];
    project.unchanged_by(|p| p.heal(&argv)).expect(6, &["not fixed"]);
    assert_eq!(runs(&project), "2");
}

#[test]
fn a_wrong_credential_is_not_tried_again() {
    let message = "curl: (22) The requested URL returned error: 401";
    let project = Project::new(&[("run.sh", &flaky(9, message))]);
    project
        .unchanged_by(|p| p.heal(&["run", "--", "./run.sh"]))
        .expect(6, &["a person must look"]);
    assert_eq!(runs(&project), "1");
    let message = "Traceback (most recent call last):
  File \"fetch.py\", line 1, in <module>
urllib.error.HTTPError: HTTP Error 401: Unauthorized";
    let project = Project::new(&[("run.sh", &flaky(9, message))]);
    project
        .unchanged_by(|p| p.heal(&["run", "--", "./run.sh"]))
        .expect(6, &["a person must look"]);
    assert_eq!(runs(&project), "1");
}
