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
