//! `heal check FILE…` and `heal fix --syntax FILE…`: source files without a run.

use crate::project::Project;

const BROKEN: &str = "def total(rows)\n    return sum(rows)\n";
const FIXED: &str = "def total(rows):\n    return sum(rows)\n";
const SCRIPT: &str = "#!/bin/bash\nif true; then\n  echo hi\n\necho done\n";

#[test]
fn check_points_at_the_place_and_goes_on_after_a_file_that_is_not_there() {
    let project = Project::new(&[("a.py", BROKEN), ("b.py", FIXED), ("c.sh", SCRIPT)]);
    let told = project.unchanged_by(|p| p.heal(&["check", "a.py", "gone.py", "b.py", "c.sh"]));
    told.expect(125, &["gone.py"]);
    let caret = "a.py:1:16: error: SyntaxError: expected ':'\n   |\n 1 | def total(rows)\n   |                ^\n";
    assert!(told.out().contains(caret), "{}", told.out());
    assert!(
        told.out().contains("c.sh:6: error: ") && !told.out().contains("b.py"),
        "{}",
        told.out()
    );
    assert_eq!(project.heal(&["check", "b.py"]).code, 0);
}

#[test]
fn findings_are_annotations_for_pipelines() {
    let project = Project::new(&[("a b.py", BROKEN)]);
    let told = project.heal(&["check", "--format", "github", "a b.py"]);
    assert!(
        told.out()
            .starts_with("::error file=a b.py,line=1,col=16,title=syntax::SyntaxError: expected ':'"),
        "{told:?}"
    );
    let told = project.heal(&["check", "--format", "sarif", "a b.py"]);
    let log: serde_json::Value = serde_json::from_str(told.out()).unwrap();
    let result = &log["runs"][0]["results"][0];
    assert_eq!((told.code, &log["version"]), (1, &"2.1.0".into()));
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a%20b.py");
    assert_eq!(place["region"]["startColumn"], 16);
    // The same from a captured log, and beside a command's own output.
    project.write("run.log", "sh: 1: frobnicatex: not found\n");
    let told = project.heal(&["scan", "--format", "github", "run.log"]);
    assert!(
        told.out().starts_with("::error ") && told.out().lines().count() == 1,
        "{told:?}"
    );
    let told = project.heal(&["run", "--format", "sarif", "--", "sh", "-c", "echo out; frobnicatex"]);
    assert_eq!((told.code, told.out()), (127, "out\n"));
    let log = told.stderr.lines().find(|it| it.starts_with('{')).unwrap();
    let log: serde_json::Value = serde_json::from_str(log).unwrap();
    assert_eq!(log["runs"][0]["results"][0]["level"], "error");
}

#[test]
fn each_file_is_repaired_in_its_own_language_and_the_edits_are_exact() {
    let project = Project::new(&[("a.py", BROKEN), ("c.sh", SCRIPT)]);
    let told = project.unchanged_by(|p| p.heal(&["fix", "--syntax", "--dry-run", "--format", "json", "a.py", "c.sh"]));
    let documents: serde_json::Value = serde_json::from_str(told.out()).unwrap();
    let edits = documents[0]["best"]["edits"].as_array().unwrap();
    assert_eq!(edits.len(), 1);
    let place = ["start", "end", "line", "column"].map(|it| edits[0][it].as_u64().unwrap());
    assert_eq!((place, edits[0]["replacement"].as_str()), ([15, 15, 1, 16], Some(":")));
    project.heal(&["fix", "--syntax", "a.py", "c.sh"]).expect(0, &[]);
    assert_eq!(project.read("a.py"), FIXED);
    assert_eq!(project.read("c.sh"), SCRIPT.replace("hi\n", "hi\nfi\n"));
    project.heal(&["undo"]).expect(0, &["c.sh"]);
    assert_eq!(
        (project.read("c.sh").as_str(), project.read("a.py").as_str()),
        (SCRIPT, FIXED)
    );
}

#[test]
fn one_file_that_cannot_be_read_does_not_keep_the_others_from_repair() {
    let project = Project::new(&[("a.py", BROKEN), ("notes.txt", BROKEN)]);
    let told = project.heal(&["fix", "--syntax", "gone.py", "notes.txt", "a.py"]);
    told.expect(125, &["gone.py", "notes.txt: not a kind of file"]);
    assert_eq!(
        (project.read("a.py").as_str(), project.read("notes.txt").as_str()),
        (FIXED, BROKEN)
    );
}

#[test]
fn what_is_protected_or_lies_behind_a_link_is_not_repaired() {
    let project = Project::new(&[
        ("kept/a.py", BROKEN),
        ("heal.toml", "[safety]\nprotected_paths = [\"kept\"]\n"),
    ]);
    std::fs::write(project.beside("home/far.py"), BROKEN).unwrap();
    std::os::unix::fs::symlink(project.beside("home/far.py"), project.root().join("near.py")).unwrap();
    project
        .unchanged_by(|p| p.heal(&["fix", "--syntax", "kept/a.py", "near.py"]))
        .expect(1, &["is protected", "outside the project"]);
    assert_eq!(std::fs::read_to_string(project.beside("home/far.py")).unwrap(), BROKEN);
    project.write("near2.py", BROKEN);
    project
        .unchanged_by(|p| p.heal(&["fix", "--syntax", "--ask", "near2.py"]))
        .expect(1, &["needs approval"]);
    project.heal(&["fix", "--syntax", "--yes", "near2.py"]).expect(0, &[]);
}
