//! Where there is nothing to heal, heal is not there.

use crate::project::Project;

const SCARY: &str = r#"printf 'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\nModuleNotFoundError: No module named %s\n' "'yaml'" >&2; printf 'ERROR: failed\n\033[31mfatal\033[0m\r\n\000\377tail'"#;

#[test]
fn success_leaves_no_trace() {
    let project = Project::new(&[("a.txt", "a\n")]);
    let argv = ["sh", "-c", "echo out; echo err >&2"];
    let ended = project.unchanged_by(|p| p.heal(&[&["run", "--"], &argv[..]].concat()));
    assert_eq!((ended.code, ended.out(), &*ended.stderr), (0, "out\n", "err\n"));
    assert!(!project.has_logs());
}

#[test]
fn frightening_words_of_a_success_are_no_error() {
    let project = Project::new(&[("a.py", "import yaml\n")]);
    let bare = project.bare(&["sh", "-c", SCARY]);
    let ended = project.unchanged_by(|p| p.heal(&["run", "--", "sh", "-c", SCARY]));
    assert_eq!(
        (ended.code, &ended.stdout, &ended.stderr),
        (0, &bare.stdout, &bare.stderr)
    );
    assert!(!project.has_logs());
}

#[test]
fn exit_codes_are_the_commands() {
    let project = Project::new(&[("exit3.py", "import sys\nsys.exit(3)\n")]);
    let run = |argv: &[&str]| project.unchanged_by(|p| p.heal(&[&["run", "--"], argv].concat()).code);
    assert_eq!(run(&["sh", "-c", "exit 7"]), 7);
    assert_eq!(run(&["python3", "exit3.py"]), 3);
    assert_eq!(run(&["sh", "-c", "kill -TERM $$"]), 128 + 15);
    assert_eq!(run(&["no-such-program-here"]), 127);
    assert_eq!(run(&["/etc/passwd"]), 126);
    // A search without a hit and a comparison with a difference are answers.
    let ended = project.heal(&["run", "--", "grep", "absent", "exit3.py"]);
    assert_eq!((ended.code, &*ended.stderr), (1, ""));
}

#[test]
fn every_byte_passes_unchanged() {
    let project = Project::new(&[]);
    let bytes: Vec<u8> = (0..200_000u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    let ended = project.heal_with_input(&["run", "--", "cat"], &bytes);
    assert!(ended.code == 0 && ended.stdout == bytes && ended.stderr.is_empty());
    let ended = project.heal_with_input(&["run", "--", "sh", "-c", "cat; exit 5"], &bytes);
    assert!(ended.code == 5 && ended.stdout == bytes, "{}", ended.stderr);
}

#[test]
fn an_unknown_error_keeps_its_code_and_says_what_to_look_at() {
    let project = Project::new(&[("a.txt", "a\n")]);
    let argv = [
        "run",
        "--",
        "sh",
        "-c",
        "echo 'frobnication impossible: gadget 7' >&2; exit 9",
    ];
    let ended = project.unchanged_by(|p| p.heal(&argv));
    ended.expect(
        9,
        &[
            "frobnication impossible: gadget 7",
            "no rule knows this error",
            "nothing was changed",
        ],
    );
}

#[test]
fn what_is_for_people_is_left_to_people() {
    let files = [
        ("test_sum.py", "def test_sum():\n    assert sum([1, 2]) == 4\n"),
        (
            "total.py",
            "def total(rows):\n    assert rows, 'no rows'\n    return sum(rows)\n\n\ntotal([])\n",
        ),
        ("memory.py", "raise MemoryError\n"),
    ];
    let project = Project::new(&files);
    for (argv, code) in [
        (&["python3", "total.py"][..], 1),
        (&["python3", "memory.py"], 1),
        (&["pytest", "-q", "-p", "no:cacheprovider", "test_sum.py"], 1),
    ] {
        if crate::support::tools::which(argv[0]).is_none() {
            eprintln!("SKIPPED {argv:?}: {} is missing; `./test` gets it", argv[0]);
            continue;
        }
        let ended = project.unchanged_by(|p| p.heal(&[&["run", "--"], argv].concat()));
        ended.expect(code, &["not fixed", "a person must look"]);
        assert!(!ended.stderr.contains("= fix:"), "{}", ended.stderr);
    }
}

#[test]
fn switched_off_it_is_not_there() {
    let project = Project::new(&[("a.py", "import yaml_that_is_missing\n")]).env("SELF_HEAL_ENABLED", "false");
    let bare = project.bare(&["python3", "a.py"]);
    let ended = project.unchanged_by(|p| p.heal(&["run", "--", "python3", "a.py"]));
    assert_eq!(
        (ended.code, &ended.stdout, &ended.stderr),
        (bare.code, &bare.stdout, &bare.stderr)
    );
    assert!(!project.has_logs());
}

#[test]
fn a_pipeline_goes_through() {
    let project = Project::new(&[]);
    let heal = env!("CARGO_BIN_EXE_heal");
    let line = format!("echo '{{\"a\":1}}' | {heal} run -- cat | {heal} run -- sed 's/1/2/'");
    let ended = project.bare(&["sh", "-c", &line]);
    assert_eq!((ended.code, ended.out(), &*ended.stderr), (0, "{\"a\":2}\n", ""));
}
