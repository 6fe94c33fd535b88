use crate::diagnostic::suggest;

const KNOWN: [&str; 9] = [
    "file_exists",
    "file_glob",
    "on_path",
    "in_table",
    "regex",
    "steps",
    "is_root",
    "not",
    "description",
];

#[test]
fn slips_are_recognised() {
    for (name, meant) in [
        ("file_exist", "file_exists"),
        ("fileexists", "file_exists"),
        ("exists_file", "file_exists"),
        ("file-exists", "file_exists"),
        ("Regex", "regex"),
        ("regx", "regex"),
        ("rgeex", "regex"),
        ("step", "steps"),
        ("onpath", "on_path"),
        ("desc", "description"),
        ("nto", "not"),
    ] {
        assert_eq!(suggest(name, KNOWN), Some(meant), "{name}");
    }
}

#[test]
fn a_wild_guess_is_not_made() {
    for name in ["", "x", "port_open", "command", "file", "regex", "is", "zzz"] {
        assert_eq!(suggest(name, KNOWN), None, "{name}");
    }
    assert_eq!(suggest(&"x".repeat(1 << 20), KNOWN), None);
}
