use super::{Outcome, repair};

fn healed(source: &str) -> String {
    match repair(source, None) {
        Outcome::Repaired { best, .. } => best.text,
        other => panic!("not repaired: {other:#?}"),
    }
}

fn unclear(source: &str) {
    match repair(source, None) {
        Outcome::Unclear { .. } => {}
        other => panic!("not unclear: {other:#?}"),
    }
}

#[test]
fn what_parses_is_left_alone() {
    for source in [
        "a: 1\n",
        "- a\n- b: [1, 2]\n",
        "k: !vault |\n  abc\nl: &x 1\nm: *x\n",
        "",
    ] {
        assert_eq!(repair(source, None), Outcome::Valid, "{source:?}");
    }
}

#[test]
fn a_tab_becomes_as_many_spaces_as_make_it_a_child() {
    assert_eq!(
        healed("app:\n\tport: 80\n\tname: shop\n"),
        "app:\n  port: 80\n  name: shop\n"
    );
    assert_eq!(
        healed("- hosts: web\n  tasks:\n    - name: A\n      debug:\n\tmsg: a\n"),
        "- hosts: web\n  tasks:\n    - name: A\n      debug:\n        msg: a\n"
    );
}

#[test]
fn a_colon_gets_its_space() {
    assert_eq!(healed("port:8080\nname: shop\n"), "port: 8080\nname: shop\n");
    assert_eq!(
        healed("a: 1\nimage:nginx:1.25\nb: 2\n"),
        "a: 1\nimage: nginx:1.25\nb: 2\n"
    );
}

#[test]
fn a_key_gets_its_colon() {
    assert_eq!(
        healed("- hosts: web\n  tasks\n    - debug:\n"),
        "- hosts: web\n  tasks:\n    - debug:\n"
    );
    assert_eq!(
        healed("- name A\n  debug:\n    msg: x\n"),
        "- name: A\n  debug:\n    msg: x\n"
    );
}

#[test]
fn values_that_need_quotes_get_them() {
    assert_eq!(healed("a: {{ x }}/y  # why\nb: 1\n"), "a: \"{{ x }}/y\"  # why\nb: 1\n");
    assert_eq!(healed("msg: Note: mind\n"), "msg: \"Note: mind\"\n");
    assert_eq!(healed("- @home\n- b\n"), "- \"@home\"\n- b\n");
}

#[test]
fn two_faults_are_repaired_together() {
    assert_eq!(
        healed("- name: Warn: low\n  debug:\n    msg: Note: x\n"),
        "- name: \"Warn: low\"\n  debug:\n    msg: \"Note: x\"\n"
    );
}

#[test]
fn an_open_quotation_is_closed_on_its_own_line() {
    assert_eq!(
        healed("- name: A\n  debug:\n    msg: \"hello\n\n- name: B\n  debug:\n    msg: \"bye\"\n"),
        "- name: A\n  debug:\n    msg: \"hello\"\n\n- name: B\n  debug:\n    msg: \"bye\"\n"
    );
    assert_eq!(healed("a: 'x\nb: 2\n"), "a: 'x'\nb: 2\n");
}

#[test]
fn quotes_inside_quotes() {
    assert_eq!(healed("a: \"say \"hi\" now\"\n"), "a: 'say \"hi\" now'\n");
    assert_eq!(healed("a: 'it's fine'\n"), "a: \"it's fine\"\n");
    assert_eq!(healed("when: \"x\" == y\n"), "when: '\"x\" == y'\n");
    unclear("msg: \"one\" two\n");
    unclear("msg: \"one\" and two\n");
    unclear("copy: src=a dest=b\n  mode: \"0644\"\n");
}

#[test]
fn a_line_beside_its_siblings_moves_to_them() {
    assert_eq!(
        healed("tasks:\n  - name: A\n    debug:\n      msg: a\n - name: B\n    debug:\n      msg: b\n"),
        "tasks:\n  - name: A\n    debug:\n      msg: a\n  - name: B\n    debug:\n      msg: b\n"
    );
    assert_eq!(healed("a:\n  b: 1\n   c: 2\n"), "a:\n  b: 1\n  c: 2\n");
}

#[test]
fn a_line_that_may_belong_to_either_level_is_shown_with_both() {
    unclear("- name: A\n  debug:\n    msg: a\n   when: x\n");
}

#[test]
fn an_inventory_host_one_space_short_is_a_host() {
    let source = "all:\n  children:\n    web:\n      hosts:\n        web1:\n          c: local\n       web2:\n          c: local\n";
    assert_eq!(healed(source), source.replace("       web2", "        web2"));
}

#[test]
fn an_open_list_is_closed() {
    assert_eq!(healed("a: [1, 2\nb: 3\n"), "a: [1, 2]\nb: 3\n");
}

#[test]
fn a_merge_conflict_is_a_persons_matter() {
    unclear("a: 1\n<<<<<<< HEAD\nb: 2\n=======\nb: 3\n>>>>>>> x\n");
}

#[test]
fn a_dash_gets_its_space() {
    assert_eq!(
        healed("-name: A\n  debug:\n    msg: a\n"),
        "- name: A\n  debug:\n    msg: a\n"
    );
    assert_eq!(
        healed("a:\n  -one\n  -two: 2\nb: 1\n"),
        "a:\n  - one\n  - two: 2\nb: 1\n"
    );
}

#[test]
fn a_template_that_is_not_closed_is_not_just_quoted() {
    unclear("- debug:\n    msg: {{ x }\n");
}

#[test]
fn a_key_far_above_that_stands_wrong_is_found() {
    let source = "o:\n  one:\n    d: 1\n    e: 2\n    f: 3\n    g: 4\n  two:\n    d: 1\n";
    assert_eq!(healed(&source.replace("  one", " one")), source);
}

#[test]
fn line_ends_stay() {
    assert_eq!(healed("aa:1\r\nb: 2\r\n"), "aa: 1\r\nb: 2\r\n");
}

#[test]
fn any_bytes_end_without_a_panic() {
    let pieces = [
        "a:", " ", "\t", "- ", "\"", "'", "[", "{", "{{", "}", "\n", "é", "#", "&", "*", "!", "|", "%", "\r\n",
    ];
    let mut seed = 7_u64;
    for _ in 0..400 {
        let mut text = String::new();
        for _ in 0..24 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            text.push_str(pieces[(seed >> 33) as usize % pieces.len()]);
        }
        let _ = repair(&text, Some(1));
    }
}
