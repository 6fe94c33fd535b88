//! What a user of the repairer notices: the first repair of usual slips, and what is never touched.

use super::*;

fn options() -> Options {
    // Generous: the tests run unoptimised and in parallel.
    Options {
        target: PyVersion { major: 3, minor: 11 },
        budget: Duration::from_secs(20),
        hint_line: None,
    }
}

/// The text after the first repair; panics when there is none.
fn repaired(text: &str) -> String {
    match repair(text.as_bytes(), &options()) {
        Outcome::Repaired { best, .. } => {
            let out = apply(text.as_bytes(), &best.edits);
            assert!(
                check(&out, options().target).is_empty(),
                "does not parse: {}",
                String::from_utf8_lossy(&out)
            );
            String::from_utf8(out).unwrap()
        }
        other => panic!("no repair for {text:?}: {other:?}"),
    }
}

#[track_caller]
fn becomes(broken: &str, fixed: &str) {
    assert_eq!(repaired(broken), fixed);
}

#[test]
fn missing_colon() {
    becomes("def f(x)\n    return x\n", "def f(x):\n    return x\n");
    becomes(
        "if x == 1  # one\n    y = 2\nelse:\n    y = 3\n",
        "if x == 1:  # one\n    y = 2\nelse:\n    y = 3\n",
    );
}

#[test]
fn brackets_on_one_line() {
    becomes("x = f(g(1)\ny = 2\n", "x = f(g(1))\ny = 2\n");
    becomes("x = f(1))\ny = 2\n", "x = f(1)\ny = 2\n");
    becomes("x = [1, 2, 3\nprint(x)\n", "x = [1, 2, 3]\nprint(x)\n");
}

#[test]
fn unclosed_string() {
    becomes("print('hello)\nx = 1\n", "print('hello')\nx = 1\n");
    becomes("name = \"abc\nx = 1\n", "name = \"abc\"\nx = 1\n");
}

#[test]
fn python_2() {
    becomes("print 'a', b\nprint c\n", "print('a', b)\nprint(c)\n");
    becomes(
        "try:\n    f()\nexcept E, e:\n    pass\n",
        "try:\n    f()\nexcept E as e:\n    pass\n",
    );
}

#[test]
fn indentation() {
    becomes("def f(x):\nreturn x\n", "def f(x):\n    return x\n");
    becomes("x = 1\n  y = 2\nz = 3\n", "x = 1\ny = 2\nz = 3\n");
    becomes("if x:\n    y = 1\n   z = 2\n", "if x:\n    y = 1\n    z = 2\n");
}

#[test]
fn everything_else_stays() {
    becomes(
        "\u{feff}def f()\r\n\treturn 1 # \u{e9}",
        "\u{feff}def f():\r\n\treturn 1 # \u{e9}",
    );
}

#[test]
fn latin1_keeps_its_bytes() {
    let broken = b"# -*- coding: latin-1 -*-\nname = '\xe9\xe8'\ndef f()\n    return name\n";
    let Outcome::Repaired { best, .. } = repair(broken, &options()) else {
        panic!("no repair")
    };
    let fixed = apply(broken, &best.edits);
    assert_eq!(
        fixed,
        b"# -*- coding: latin-1 -*-\nname = '\xe9\xe8'\ndef f():\n    return name\n"
    );
}

#[test]
fn valid_text_is_valid() {
    for text in [
        "",
        "\n",
        "x = 1",
        "async def f():\n    return [await x async for x in y]\n",
        "\u{feff}x = 1\r\n",
    ] {
        assert_eq!(repair(text.as_bytes(), &options()), Outcome::Valid, "{text:?}");
    }
}

#[test]
fn newer_syntax_is_left_to_people() {
    let old = Options {
        target: PyVersion { major: 3, minor: 8 },
        ..options()
    };
    let Outcome::Unclear { reason, candidates } = repair(b"match x:\n    case 1:\n        pass\n", &old) else {
        panic!("a match statement cannot be repaired for 3.8")
    };
    assert!(reason.contains("3.10"), "{reason}");
    assert!(candidates.is_empty());
}

#[test]
fn merge_conflicts_are_left_to_people() {
    let text = b"<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> other\ny = 3\n";
    let Outcome::Unclear { reason, candidates } = repair(text, &options()) else {
        panic!("a side was chosen")
    };
    assert!(reason.contains("merge conflict"), "{reason}");
    assert_eq!(apply(text, &candidates[0].edits), b"x = 1\ny = 3\n");
}

#[test]
fn files_that_were_cut_off_are_left_to_people() {
    let mut text = "x = 1\n".repeat(30);
    text.push_str("y = f(1,\n      g(2,");
    let Outcome::Unclear { reason, .. } = repair(text.as_bytes(), &options()) else {
        panic!("the rest was made up")
    };
    assert!(reason.contains("cut off in line 32"), "{reason}");
}

#[test]
fn undecodable_bytes_are_left_to_people() {
    for bytes in [&b"x = '\xff'\n"[..], b"\xff\xfex\0", b"x = 1\0\n"] {
        assert!(matches!(repair(bytes, &options()), Outcome::Unclear { .. }));
        assert_eq!(check(bytes, options().target).len(), 1);
    }
}

#[test]
fn symbol_table_errors_are_found() {
    for text in [
        "return 1\n",
        "await x\n",
        "def f():\n    await x\n",
        "class A:\n    yield 1\n",
        "break\n",
        "x = 1\nfrom __future__ import division\n",
    ] {
        assert_eq!(check(text.as_bytes(), options().target).len(), 1, "{text:?}");
    }
    let fault = &check("x = 'é' 1\n".as_bytes(), options().target)[0];
    assert_eq!((fault.line, fault.column), (1, 9));
}

#[test]
fn brackets_over_many_lines() {
    becomes(
        "def f():\n    x = g(\n        1,\n        2\n\ndef h():\n    pass\n",
        "def f():\n    x = g(\n        1,\n        2\n    )\n\ndef h():\n    pass\n",
    );
    becomes(
        "x = [\n    (1, 2),\n    (3, 4),\n    (5, 6,\n    (7, 8),\n]\n",
        "x = [\n    (1, 2),\n    (3, 4),\n    (5, 6),\n    (7, 8),\n]\n",
    );
}

#[test]
fn triple_quotes() {
    becomes(
        "def f():\n    \"\"\"Says hello.\n\n    At length.\n    \"\"\n    return 1\n\n\ndef g():\n    \"\"\"More.\"\"\"\n",
        "def f():\n    \"\"\"Says hello.\n\n    At length.\n    \"\"\"\n    return 1\n\n\ndef g():\n    \"\"\"More.\"\"\"\n",
    );
}

#[test]
fn other_languages() {
    becomes("if a && b:\n    x = 1\n", "if a and b:\n    x = 1\n");
    becomes("while x < 9:\n    x++\n", "while x < 9:\n    x += 1\n");
    becomes(
        "if a:\n    x = 1\nelse if b:\n    x = 2\n",
        "if a:\n    x = 1\nelif b:\n    x = 2\n",
    );
    becomes("x = \u{201c}text\u{201d}\n", "x = \"text\"\n");
    becomes("x\u{a0}= 1\n", "x = 1\n");
}

#[test]
fn f_strings_by_version() {
    becomes("print(f\"{a[\"k\"]} and more\")\n", "print(f\"{a['k']} and more\")\n");
    let new = Options {
        target: PyVersion { major: 3, minor: 12 },
        ..options()
    };
    assert_eq!(repair(b"print(f\"{a[\"k\"]}\")\n", &new), Outcome::Valid);
}

#[test]
fn f_strings_of_every_version() {
    let target = |minor| Options {
        target: PyVersion { major: 3, minor },
        ..options()
    };
    let nested = "print(f\"{d[\"a\"]}\")\n";
    for minor in 6..=11 {
        let Outcome::Repaired { best, .. } = repair(nested.as_bytes(), &target(minor)) else {
            panic!("3.{minor}")
        };
        assert!(best.probability >= GATE, "3.{minor}: {best:?}");
        assert_eq!(apply(nested.as_bytes(), &best.edits), b"print(f\"{d['a']}\")\n");
    }
    for minor in 12..=13 {
        assert_eq!(repair(nested.as_bytes(), &target(minor)), Outcome::Valid);
    }
    // A brace without its partner is a fault of every version.
    for minor in [6, 8, 11, 12, 13] {
        for (broken, fixed) in [
            ("name = 1\nprint(f\"{name!r\")\n", "name = 1\nprint(f\"{name!r}\")\n"),
            ("name = 1\nprint(f\"name!r}\")\n", "name = 1\nprint(f\"{name!r}\")\n"),
        ] {
            let Outcome::Repaired { best, .. } = repair(broken.as_bytes(), &target(minor)) else {
                panic!("3.{minor} {broken:?}")
            };
            assert_eq!(apply(broken.as_bytes(), &best.edits), fixed.as_bytes(), "3.{minor}");
        }
    }
}

#[test]
fn a_file_that_only_needs_a_newer_interpreter_is_left_alone() {
    for (text, minor, needed) in [
        ("if (n := 10) > 5:\n    pass\n", 7, "3.8"),
        ("def f(a, /, b):\n    pass\n", 7, "3.8"),
        ("with (open('a') as a, open('b') as b):\n    pass\n", 8, "3.9"),
        ("match x:\n    case 1:\n        pass\n", 9, "3.10"),
        ("try:\n    pass\nexcept* ValueError:\n    pass\n", 10, "3.11"),
        ("type X = int\n", 11, "3.12"),
        ("def f[T](x: T) -> T:\n    return x\n", 11, "3.12"),
        ("x = ['a']\nprint(f\"{'\\n'.join(x)}\")\n", 11, "3.12"),
    ] {
        let old = Options {
            target: PyVersion { major: 3, minor },
            ..options()
        };
        match repair(text.as_bytes(), &old) {
            Outcome::Unclear { reason, .. } => {
                assert!(reason.contains(&format!("needs Python {needed}")), "{text:?}: {reason}");
            }
            other => panic!("{text:?} for 3.{minor}: {other:?}"),
        }
        let minor = needed[2..].parse().unwrap();
        let new = Options {
            target: PyVersion { major: 3, minor },
            ..options()
        };
        assert_eq!(repair(text.as_bytes(), &new), Outcome::Valid, "{text:?}");
    }
}

#[test]
fn the_line_that_the_interpreter_named_is_looked_at_too() {
    // The fault shows at the last parameter; the first line is far above it.
    let text = "def f(a, b=(\n    1, 2, 3, 4, 5, 6, 7, 8, 9,\n    10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23), c\n):\n    pass\n";
    let edits_line_1 = |hint| {
        let asked = Options {
            hint_line: hint,
            ..options()
        };
        match repair(text.as_bytes(), &asked) {
            Outcome::Repaired { best, runners_up } => std::iter::once(&best)
                .chain(&runners_up)
                .any(|c| c.edits.iter().all(|e| e.range.end < 13)),
            other => panic!("{other:?}"),
        }
    };
    assert!(!edits_line_1(None));
    assert!(edits_line_1(Some(1)));
    // A line that does not exist changes nothing.
    let plain = b"x = [1, 2\nprint(x)\n";
    for hint in [Some(0), Some(99), Some(u32::MAX)] {
        let asked = Options {
            hint_line: hint,
            ..options()
        };
        assert_eq!(repair(plain, &asked), repair(plain, &options()));
    }
}

#[test]
fn several_faults() {
    becomes(
        "def f(x)\n    return [x, 1\n\n\ndef g(y):\n    print 'y', y\n",
        "def f(x):\n    return [x, 1]\n\n\ndef g(y):\n    print('y', y)\n",
    );
}

#[test]
fn what_deletes_or_comments_out_is_never_applied_without_asking() {
    for text in [
        "x = 1\nthis is only prose here\ny = 2\n",
        "%matplotlib inline\nx = 1\n",
        "def f(x) y:\n    return x\n",
    ] {
        match repair(text.as_bytes(), &options()) {
            Outcome::Repaired { best, .. } => {
                let out = String::from_utf8(apply(text.as_bytes(), &best.edits)).unwrap();
                let letters = |t: &str| t.chars().filter(|c| c.is_alphanumeric()).count();
                let lost = letters(&out) < letters(text) || out.contains("# ");
                assert!(!lost || best.probability < GATE, "{text:?} -> {out:?}");
            }
            Outcome::Unclear { .. } => {}
            Outcome::Valid => panic!("{text:?} is not valid"),
        }
    }
}

#[test]
fn tabs_are_judged_as_the_interpreter_does() {
    let text = b"if x:\n        y = 1\n\tz = 2\n";
    assert!(!check(text, options().target).is_empty());
    assert!(matches!(repair(text, &options()), Outcome::Repaired { .. }));
}

#[test]
fn the_budget_is_kept() {
    let mut text = String::from("def f(:\n");
    for i in 0..4000 {
        text.push_str(&format!("    x{i} = g({i}, [1, 2\n"));
    }
    let begin = Instant::now();
    let brief = Options {
        budget: Duration::from_millis(100),
        ..options()
    };
    let _ = repair(text.as_bytes(), &brief);
    // One judgement of a big file may still run when time is up; unoptimised code is slow.
    assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    const TEXT: &str = "import os\n\n\nclass A(object):\n    \"\"\"Text.\"\"\"\n\n    def f(self, x, y=(1, 2)):\n        for i, v in enumerate(x):\n            if v == 'a' and i not in y:\n                print(f\"{v!r} {i:>3}\", file=None)\n            elif v:\n                self.x = {'k': [v, i], 'l': lambda z: z + 1}\n        else:\n            pass\n        try:\n            return os.path.join('a', \"b\")\n        except (OSError, ValueError) as e:\n            raise RuntimeError('x') from e\n\n\nasync def g():\n    async with h() as k:\n        return [await m async for m in k]\n";

    fn holds(source: &[u8]) {
        let options = Options {
            budget: Duration::from_millis(400),
            ..options()
        };
        let outcome = repair(source, &options);
        let valid = check(source, options.target).is_empty();
        assert_eq!(valid, outcome == Outcome::Valid);
        if let Outcome::Repaired { best, runners_up } = &outcome {
            assert!(runners_up.len() <= 3);
            for c in std::iter::once(best).chain(runners_up) {
                assert!((0.0..=1.0).contains(&c.probability));
                assert!(c.edits.windows(2).all(|p| p[0].range.end <= p[1].range.start));
                let out = apply(source, &c.edits);
                assert!(
                    check(&out, options.target).is_empty(),
                    "{}",
                    String::from_utf8_lossy(&out)
                );
                assert_eq!(repair(&out, &options), Outcome::Valid);
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

        #[test]
        fn cut_text(start in 0..TEXT.len(), length in 0..12usize) {
            let end = (start + length).min(TEXT.len());
            holds([&TEXT.as_bytes()[..start], &TEXT.as_bytes()[end..]].concat().as_slice());
        }

        #[test]
        fn inserted_text(at in 0..TEXT.len(), what in "[\\]\\[(){}:,.'\"#\\\\\n\r\t a-c\u{e9}\u{201c}\u{a0}`?!%=<>-]{1,6}") {
            holds([&TEXT.as_bytes()[..at], what.as_bytes(), &TEXT.as_bytes()[at..]].concat().as_slice());
        }

        #[test]
        fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..120)) {
            holds(&bytes);
        }

        #[test]
        fn any_pieces(pieces in proptest::collection::vec(prop_oneof![
            Just("def "), Just("f"), Just("("), Just(")"), Just("["), Just("]"), Just("{"), Just("}"), Just(":"), Just("\n"), Just("    "),
            Just("\t"), Just("'"), Just("\"\"\""), Just("f\""), Just("x"), Just("="), Just(","), Just("if "), Just("else"), Just("return "),
            Just("print "), Just("# c"), Just("\\"), Just("\r\n"), Just(">>> "), Just("<<<<<<< a\n"), Just("=======\n"), Just(">>>>>>> b\n"), Just("07"), Just("\u{201c}"),
        ], 0..40)) {
            holds(pieces.concat().as_bytes());
        }
    }
}
