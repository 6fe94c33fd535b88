use super::{Outcome, repair};

/// The repaired text, or what was said instead.
fn fixed(source: &str) -> String {
    match repair(source.as_bytes(), None) {
        Outcome::Repaired { best, .. } => String::from_utf8(best.apply(source.as_bytes())).unwrap(),
        Outcome::Valid => "VALID".to_owned(),
        Outcome::Unclear { reason, candidates } => format!("UNCLEAR {reason} {}", candidates.len()),
    }
}

#[track_caller]
fn becomes(source: &str, expected: &str) {
    assert_eq!(fixed(source), expected);
}

#[track_caller]
fn unclear(source: &str) {
    assert!(fixed(source).starts_with("UNCLEAR"), "{}", fixed(source));
}

#[test]
fn a_sound_script_is_left_alone() {
    for source in [
        "",
        "#!/bin/sh\n",
        "if a; then b; fi\n",
        "case $x in\n a|b) c ;;\n *) d\nesac\n",
        "cat <<EOF\nif it's\nEOF\n",
        "x=$(case a in a) echo b;; esac)\n",
        "for ((i=0;i<3;i++)); do :; done\n",
        "f() { :; }; g() ( : )\n",
        "[[ $a =~ ^(a|b)+$ ]] && echo \"${x:-\"y\"}\" '$(' # it's\n",
        "a=(1 \"2 3\" # c\n 4)\necho $((1+(2*3))) `date`\n",
    ] {
        assert_eq!(fixed(source), "VALID", "{source}");
    }
}

#[test]
fn a_missing_fi_goes_where_the_indentation_ends() {
    becomes(
        "if [ -f a ]; then\n  echo yes\n\nfor i in 1 2; do\n  echo $i\ndone\n",
        "if [ -f a ]; then\n  echo yes\nfi\n\nfor i in 1 2; do\n  echo $i\ndone\n",
    );
    becomes(
        "f() {\n  if a; then\n    b\n}\nf\n",
        "f() {\n  if a; then\n    b\n  fi\n}\nf\n",
    );
    becomes(
        "if a; then\n  if b; then\n    c\nfi\necho end\n",
        "if a; then\n  if b; then\n    c\n  fi\nfi\necho end\n",
    );
    becomes(
        "for i in 1; do\n\tif a; then\n\t\tb\n\telse\n\t\tc\ndone\n",
        "for i in 1; do\n\tif a; then\n\t\tb\n\telse\n\t\tc\n\tfi\ndone\n",
    );
}

#[test]
fn a_missing_fi_before_an_equal_block_is_not_put_at_the_end() {
    becomes(
        "for i in 1 2; do\n  if x; then\n    a\n  for j in 3; do\n    b\n  done\ndone\n",
        "for i in 1 2; do\n  if x; then\n    a\n  fi\n  for j in 3; do\n    b\n  done\ndone\n",
    );
}

#[test]
fn without_indentation_only_a_single_place_is_taken() {
    becomes("f() {\nif a; then\nb\n}\n", "f() {\nif a; then\nb\nfi\n}\n");
    unclear("if a; then\necho b\necho c\necho d\n");
}

#[test]
fn other_closers() {
    becomes(
        "while read -r l; do\n  echo \"$l\"\n\nif true; then\n  x\nfi\n",
        "while read -r l; do\n  echo \"$l\"\ndone\n\nif true; then\n  x\nfi\n",
    );
    becomes(
        "f() {\n  echo a\n\ng() {\n  echo b\n}\n",
        "f() {\n  echo a\n}\n\ng() {\n  echo b\n}\n",
    );
    becomes(
        "case $1 in\n  a) b ;;\n  *) c ;;\n\necho end\n",
        "case $1 in\n  a) b ;;\n  *) c ;;\nesac\n\necho end\n",
    );
    becomes(
        "case $1 in\na)\n  b\n  ;;\n*)\n  c\n  ;;\n\necho end\n",
        "case $1 in\na)\n  b\n  ;;\n*)\n  c\n  ;;\nesac\n\necho end\n",
    );
    becomes(
        "case $1 in\n  a)\n    b\n  c)\n    d\n    ;;\nesac\n",
        "case $1 in\n  a)\n    b\n    ;;\n  c)\n    d\n    ;;\nesac\n",
    );
    becomes("f()\n  echo a\n}\n", "f() {\n  echo a\n}\n");
}

#[test]
fn two_missing_closers() {
    becomes(
        "f() {\n  for i in 1; do\n    if a; then\n      b\n}\nf\n",
        "f() {\n  for i in 1; do\n    if a; then\n      b\n    fi\n  done\n}\nf\n",
    );
}

#[test]
fn then_and_do() {
    becomes("if [ -f a ]\n  echo yes\nfi\n", "if [ -f a ]; then\n  echo yes\nfi\n");
    becomes(
        "if [ -f a ] then\n  echo yes\nfi\n",
        "if [ -f a ]; then\n  echo yes\nfi\n",
    );
    becomes(
        "if a;\n  b\nelif c; then\n  d\nfi\n",
        "if a; then\n  b\nelif c; then\n  d\nfi\n",
    );
    becomes("for i in 1 2\n  echo $i\ndone\n", "for i in 1 2; do\n  echo $i\ndone\n");
    becomes(
        "for i in 1 2 do\n  echo $i\ndone\n",
        "for i in 1 2; do\n  echo $i\ndone\n",
    );
    becomes("while true\n  a\ndone\n", "while true; do\n  a\ndone\n");
    becomes("while [ 1 = 2 ] do\n  a\ndone\n", "while [ 1 = 2 ]; do\n  a\ndone\n");
}

#[test]
fn keywords() {
    becomes(
        "if a; then\n  b\nelse if c; then\n  d\nfi\n",
        "if a; then\n  b\nelif c; then\n  d\nfi\n",
    );
    becomes(
        "if a; then\n  b\nelsif c; then\n  d\nfi\n",
        "if a; then\n  b\nelif c; then\n  d\nfi\n",
    );
    // `esle` is a command to the grammar; nothing is missing.
    becomes("if a; then\n  b\nesle\n  d\nfi\n", "VALID");
    becomes("for i in 1; do\n  b\ndoen\n", "for i in 1; do\n  b\ndone\n");
    becomes("if a; then\n  b\nif\necho c\n", "if a; then\n  b\nfi\necho c\n");
}

#[test]
fn superfluous_closers_only_when_doubled() {
    becomes("if a; then\n  b\nfi\nfi\n", "if a; then\n  b\nfi\n");
    unclear("echo a\nfi\n");
    unclear("echo hi)\n");
}

#[test]
fn quotes() {
    becomes(
        "echo \"hello world\nls\necho done\n",
        "echo \"hello world\"\nls\necho done\n",
    );
    becomes(
        "name=\"web\necho \"start $name\"\nls \"$name\"\n",
        "name=\"web\"\necho \"start $name\"\nls \"$name\"\n",
    );
    becomes("name=web\"\nls\n", "name=\"web\"\nls\n");
    becomes("cp \"$src \"$dst\"\nls\n", "cp \"$src\" \"$dst\"\nls\n");
    becomes(
        "if [ \"$x\" = \"a ]; then\n  b\nfi\n",
        "if [ \"$x\" = \"a\" ]; then\n  b\nfi\n",
    );
    becomes("echo don't\nls\n", "echo don\\'t\nls\n");
    becomes("echo 'it's here'\nls\n", "echo 'it'\\''s here'\nls\n");
    unclear("rm -rf \"$dir *.txt\nls\n");
}

#[test]
fn expansions() {
    becomes("x=$(ls -l | wc -l\necho $x\n", "x=$(ls -l | wc -l)\necho $x\n");
    becomes("x=\"$(ls -l\"\necho \"$x\"\n", "x=\"$(ls -l)\"\necho \"$x\"\n");
    becomes("echo \"${name\"\nls\n", "echo \"${name}\"\nls\n");
    becomes("x=`date\necho $x\n", "x=`date`\necho $x\n");
    becomes("n=$((n+1)\necho $n\n", "n=$((n+1))\necho $n\n");
}

#[test]
fn brackets() {
    becomes("if [$x -eq 1 ]; then\n  a\nfi\n", "if [ $x -eq 1 ]; then\n  a\nfi\n");
    becomes("if[ $x -eq 1 ]; then\n  a\nfi\n", "if [ $x -eq 1 ]; then\n  a\nfi\n");
    becomes("if [ $x -eq 1]; then\n  a\nfi\n", "if [ $x -eq 1 ]; then\n  a\nfi\n");
    becomes("if [[ $x == a ]; then\n  a\nfi\n", "if [[ $x == a ]]; then\n  a\nfi\n");
    becomes("if [ $x = a ]]; then\n  a\nfi\n", "if [ $x = a ]; then\n  a\nfi\n");
    becomes("if [ $x = a; then\n  a\nfi\n", "if [ $x = a ]; then\n  a\nfi\n");
    becomes(
        "if [ $x -gt 1 && $x -lt 3 ]; then\n  a\nfi\n",
        "if [ $x -gt 1 ] && [ $x -lt 3 ]; then\n  a\nfi\n",
    );
    becomes(
        "while[ $x -lt 3 ]; do\n  a\ndone\n",
        "while [ $x -lt 3 ]; do\n  a\ndone\n",
    );
}

#[test]
fn here_documents() {
    becomes(
        "if true; then\n  cat <<EOF\n  hello\n  EOF\nfi\n",
        "if true; then\n  cat <<EOF\n  hello\nEOF\nfi\n",
    );
    becomes(
        "if true; then\n\tcat <<EOF\n\thello\n\tEOF\nfi\n",
        "if true; then\n\tcat <<-EOF\n\thello\n\tEOF\nfi\n",
    );
    becomes(
        "cat <<EOF\nhello\nEOF \necho done\n",
        "cat <<EOF\nhello\nEOF\necho done\n",
    );
    unclear("cat <<EOF\nhello\necho done\n");
}

#[test]
fn small_things() {
    becomes("if a; then\nfi\n", "if a; then\n  :\nfi\n");
    becomes("ls\n| grep a\n", "ls \\\n| grep a\n");
    becomes("sleep 1 &;\n", "sleep 1 &\n");
    becomes("f(){echo hi}\nf\n", "f(){ echo hi; }\nf\n");
    unclear("<<<<<<< HEAD\necho a\n=======\necho b\n>>>>>>> main\n");
}

#[test]
fn line_endings_stay() {
    becomes(
        "if a; then\r\n  b\r\n\r\necho c\r\n",
        "if a; then\r\n  b\r\nfi\r\n\r\necho c\r\n",
    );
}

proptest::proptest! {
    #[test]
    fn any_bytes(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
        let _ = repair(&bytes, Some(3));
    }

    #[test]
    fn any_shell_like_text(words in proptest::collection::vec(proptest::sample::select(vec![
        "if", "then", "fi", "for", "do", "done", "case", "in", "esac", "{", "}", "(", ")", "$(", "((", "))", "\"", "'", "`", "${", "[", "]", "[[",
        "]]", "<<EOF", "EOF", "\n", " ", ";", ";;", "|", "&&", "a", "#", "\\", "=", "é",
    ]), 0..60)) {
        let text = words.concat();
        if let Outcome::Repaired { best, .. } = repair(text.as_bytes(), None) {
            assert_eq!(repair(&best.apply(text.as_bytes()), None), Outcome::Valid);
        }
    }
}
