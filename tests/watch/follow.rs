//! Growth, rotation, truncation, late creation, restarts.

use std::fs;

use crate::support::{Project, kind, until, widgets};

/// Names that only letters tell apart: `aa`, `ab`, …
fn name(index: usize) -> String {
    [index / 676, index / 26 % 26, index % 26]
        .map(|k| char::from(b'a' + u8::try_from(k).unwrap()))
        .iter()
        .collect()
}

#[test]
fn lines_that_come_in_pieces_are_found_once_and_whole() {
    let project = Project::new();
    project.write("app.log", "widget old broke\nwidget ");
    let watch = project.watch(&["app.log"]);
    project.append("app.log", "one bro");
    project.append("app.log", "ke\nall is well\nwidget two broke\n");
    watch.until_widgets(&["one", "two"]);
    let events = watch.stop();
    assert_eq!(widgets(&events), ["one", "two"]);
    let end = events.last().unwrap();
    assert_eq!((&end["errors"], &end["lines"]), (&2.into(), &3.into()), "{end}");
}

#[test]
fn a_log_that_is_made_later_is_read_from_its_start_and_its_lines_are_counted() {
    let project = Project::new();
    let watch = project.watch(&["app.log", "other.log"]);
    project.append("app.log", "hello\nwidget late broke\n");
    project.append("other.log", "widget else broke\n");
    watch.until_widgets(&["late", "else"]);
    let events = watch.stop_by(rustix::process::Signal::INT);
    let late = events.iter().find(|e| kind(e) == "detected" && e["line"] == 2).unwrap();
    assert!(late["file"].as_str().unwrap().ends_with("/app.log"), "{late}");
    assert_eq!(late["error"]["causes"][0]["explanation"], "widget late broke");
    assert_eq!(late["error"]["causes"][0]["confidence"], 0.9);
    assert_eq!(late["error"]["causes"][0]["fixes"][0]["title"], "Look at it");
}

#[test]
fn no_line_is_lost_or_told_twice_through_rotations_and_reloads() {
    let project = Project::new();
    project.write("app.log", "");
    let watch = project.watch(&["app.log"]);
    let mut names = Vec::new();
    let pack = project.read(".heal/rules/site.yaml");
    for round in 0..6 {
        for k in 0..40 {
            let name = name(round * 40 + k);
            project.append("app.log", &format!("noise {k}\nwidget {name} broke\n"));
            names.push(name);
        }
        let old = project.path("app.log");
        if round % 2 == 0 {
            let aside = project.path(&format!("app.log.{round}"));
            fs::rename(&old, &aside).unwrap();
            // The writer does not know yet.
            let name = name(1000 + round);
            crate::support::append(&aside, &format!("widget {name} broke\n"));
            names.push(name);
            fs::write(&old, "").unwrap();
            // A log that comes and goes between two looks was never there.
            watch.until("the rotation is noticed", |events| {
                (events.iter().filter(|e| kind(e) == "rotated").count() > round / 2).then_some(())
            });
        } else {
            // Rules are exchanged while lines flow.
            project.write(".heal/rules/site.yaml", &format!("{pack}\n# save {round}\n"));
        }
    }
    let all: Vec<&str> = names.iter().map(String::as_str).collect();
    watch.until_widgets(&all);
    watch.until("a reload", |events| {
        events.iter().any(|e| kind(e) == "reloaded").then_some(())
    });
    let mut found = widgets(&watch.stop());
    found.sort();
    names.sort();
    assert_eq!(found, names);
}

#[test]
fn a_log_that_is_emptied_or_overwritten_is_read_from_its_start() {
    let project = Project::new();
    project.write("app.log", "");
    let watch = project.watch(&["app.log"]);
    project.append("app.log", "widget first broke\nand a line to make it longer\n");
    watch.until_widgets(&["first"]);
    fs::copy(project.path("app.log"), project.path("app.log.1")).unwrap();
    project.write("app.log", "widget second broke\n");
    watch.until_widgets(&["second"]);
    // Longer than before at once: only its first bytes tell.
    project.write("app.log", &format!("widget third broke\n{}", "noise\n".repeat(100)));
    watch.until_widgets(&["third"]);
    let events = watch.stop();
    assert_eq!(widgets(&events), ["first", "second", "third"]);
    assert_eq!(events.iter().filter(|e| kind(e) == "truncated").count(), 2);
}

#[test]
fn a_restart_goes_on_where_the_last_watch_was() {
    let project = Project::new();
    project.write("app.log", "a header that is long enough to tell one log from another\n");
    let first = project.watch(&["app.log"]);
    project.append("app.log", "widget one broke\n");
    first.until_widgets(&["one"]);
    first.stop();
    project.append("app.log", "widget two broke\nwidget half ");
    let second = project.watch(&["app.log"]);
    second.until_widgets(&["two"]);
    assert_eq!(widgets(&second.stop()), ["two"]);
    // Rotated while nobody looked.
    project.append("app.log", "broke\nwidget three broke\n");
    fs::rename(project.path("app.log"), project.path("app.log.1")).unwrap();
    project.write(
        "app.log",
        "another header that is long enough to tell it apart\nwidget four broke\n",
    );
    let third = project.watch(&["app.log"]);
    third.until_widgets(&["half", "three", "four"]);
    let found = widgets(&third.kill());
    assert_eq!(found.len(), 3, "{found:?}");
    // Killed: what was told is not told again.
    project.append("app.log", "widget five broke\n");
    assert_eq!(widgets(&project.once(&["app.log"])), ["five"]);
    assert_eq!(widgets(&project.once(&["app.log"])), [""; 0]);
}

#[test]
fn once_reads_to_the_end_with_or_without_a_last_newline() {
    let project = Project::new();
    project.write("app.log", "widget one broke\nwidget two broke");
    assert_eq!(widgets(&project.once(&["app.log"])), ["one", "two"]);
    project.append("app.log", "\nwidget three broke\n");
    assert_eq!(widgets(&project.once(&["app.log"])), ["three"]);
    project.append("app.log", "widget fo");
    assert_eq!(widgets(&project.once(&["app.log"])), [""; 0]);
    project.append("app.log", "ur broke");
    assert_eq!(widgets(&project.once(&["app.log"])), ["four"]);
}

#[test]
fn the_state_can_be_seen_and_only_one_watch_keeps_it() {
    let project = Project::new();
    project.write("app.log", "");
    let nothing = project.heal(&["watch", "--status"]);
    assert!(String::from_utf8_lossy(&nothing.stdout).contains("nothing was watched"));
    let watch = project.watch(&["app.log"]);
    project.append("app.log", "widget one broke\n");
    watch.until_widgets(&["one"]);
    until("the state on disk", || {
        let status = project.heal(&["watch", "--status", "--format", "json"]);
        let status: serde_json::Value = serde_json::from_slice(&status.stdout).unwrap();
        let file = &status["state"]["files"][project.path("app.log").to_str().unwrap()];
        (status["running"] == true && file["offset"] == 17 && file["errors"] == 1).then_some(())
    });
    let second = project.heal(&["watch", "app.log"]);
    assert_eq!(second.status.code(), Some(125));
    assert!(
        String::from_utf8_lossy(&second.stderr).contains("another watch is at work"),
        "{second:?}"
    );
    watch.stop();
    let after = project.heal(&["watch", "--status"]);
    let text = String::from_utf8_lossy(&after.stdout);
    assert!(
        text.contains("not running") && text.contains("site/widget: widget one broke"),
        "{text}"
    );
}

#[test]
fn what_is_no_log_is_said_to_be_none() {
    let project = Project::new();
    fs::create_dir(project.path("folder.log")).unwrap();
    let events = project.once(&["folder.log"]);
    let trouble = events.iter().find(|e| kind(e) == "trouble").unwrap();
    assert_eq!(trouble["reason"], "not a regular file");
}
