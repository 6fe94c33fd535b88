use super::*;

#[test]
fn options_are_no_names() {
    let python = Python::new("python3");
    for bad in ["", "--index-url=x", "a\nb"] {
        assert!(
            matches!(python.install_package(bad), Err(EnvironmentError::Argument { .. })),
            "{bad:?}"
        );
    }
    assert!(Ansible::new(".").install_role("-r").is_err());
    assert_eq!(plain_path(Path::new("-x.sh")), "./-x.sh");
}

#[test]
fn python_says_where_source_is_wrong() {
    let python = Python::new("python3");
    assert_eq!(python.validate_syntax("x = 1\n").expect("python runs"), Ok(()));
    let fault = python.validate_syntax("x = 1\ny = (2\n").expect("python runs");
    assert_eq!(fault.expect_err("it is wrong").line, 2);
}

#[test]
fn a_script_needs_what_it_calls() {
    let folder = tempfile::tempdir().expect("a folder");
    let script = "#!/bin/bash\nset -e\nbuild() { no-such-tool-a --x; }\nbuild | sort\n\"$X\" y\n[ -f a ] && echo a\n\
                  if true; then no-such-tool-b; fi\n./missing.sh\n";
    std::fs::write(folder.path().join("a.sh"), script).expect("written");
    let missing = Bash::new(folder.path()).missing_commands("a.sh").expect("bash runs");
    assert_eq!(missing, ["./missing.sh", "no-such-tool-a", "no-such-tool-b"]);
}

#[test]
fn both_streams_and_the_code_are_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("a.sh"), "printf out; echo err >&2; exit 3\n").expect("written");
    let bash = Bash::new(folder.path());
    let ran = bash.run_script("a.sh", &[]).expect("bash runs");
    assert_eq!((ran.code, ran.output().as_str()), (3, "out\nerr\n"));
    assert!(bash.syntax_check("a.sh").expect("bash runs").success());
}

#[test]
fn a_program_that_is_missing_is_said_as_a_shell_does() {
    let terraform = Terraform::new(".").program("no-such-terraform");
    match terraform.plan() {
        Err(EnvironmentError::Spawn { code, .. }) => assert_eq!(code, 127),
        other => panic!("{other:?}"),
    }
}
