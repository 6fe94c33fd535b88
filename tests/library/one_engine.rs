//! One engine behind all doors: a rule pack that comes or goes changes what the command, the library and the Python
//! package say in the same way.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::examples::program;
use crate::support::tools;

const PACK: &str = r"
heal: 1
pack: { name: site, version: 1.0.0, about: one rule }
rules:
  - id: renamed
    title: A name was changed
    type: runtime
    match: { regex: '^gadget: (?P<name>[a-z]+) has moved$' }
    captures: { name: identifier }
    cause: '{{name}} is elsewhere now'
    confidence: 0.9
    fix: [{ title: 'Look for {{name}}', safety: manual, advice: 'look for {{name}}' }]
";

/// What Python says: the first error's rule.
const PYTHON: &str = "
import sys
from self_healing import SelfHealingOrchestrator
print(SelfHealingOrchestrator().detector.detect_from_output(open(sys.argv[1]).read(), 'unknown', 1).rule_id)
";

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.folder.path().join("project"))
            .env("HOME", self.folder.path().join("home"))
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("PYTHONPATH");
        command
    }

    fn rule(&self, mut command: Command) -> bool {
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(!said.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        said.contains("site/renamed")
    }

    /// Whether each door knows the site's rule.
    fn doors(&self) -> Vec<(&'static str, bool)> {
        let mut cli = self.command(env!("CARGO_BIN_EXE_heal"));
        cli.args(["scan", "--format", "json", "output.log"]);
        let mut library = self.command(program("preview"));
        library.arg("output.log");
        let mut doors = vec![("command", self.rule(cli)), ("library", self.rule(library))];
        let python = tools::folder().join("package/bin/python");
        if python.is_file() {
            let mut package = self.command(python);
            package.args(["-c", PYTHON, "output.log"]);
            doors.push(("package", self.rule(package)));
        } else {
            eprintln!("SKIPPED: the Python package is not built (`./test --python`)");
        }
        doors
    }
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[test]
fn a_pack_that_goes_goes_everywhere() {
    let place = Place {
        folder: tempfile::tempdir().unwrap(),
    };
    let root = place.folder.path();
    let pack = root.join("home/.config/heal/rules/site.yaml");
    fs::create_dir_all(root.join("project/.git")).unwrap();
    write(&root.join("project/output.log"), "gadget: spring has moved\n");
    write(&pack, PACK);
    for (door, knows) in place.doors() {
        assert!(knows, "{door} does not see the pack");
    }
    fs::remove_file(&pack).unwrap();
    for (door, knows) in place.doors() {
        assert!(!knows, "{door} still sees the pack");
    }
}
