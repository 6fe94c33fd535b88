//! What an auditor notices.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use chrono::{TimeZone, Utc};
use proptest::prelude::*;

use super::*;
use crate::world::{Real, World};

fn changelog(folder: &Path) -> Changelog {
    Changelog::new(Arc::new(Real), folder, "healing_changelog.json", Redactor::default())
}

fn incident(message: &str) -> Incident {
    let now = Utc.with_ymd_and_hms(2024, 1, 15, 10, 30, 15).unwrap();
    let mut incident = Incident::new(EventType::ErrorDetected, Severity::Error, now);
    incident.error_message = Some(message.to_owned());
    incident
}

fn parsed(path: &Path) -> serde_json::Value {
    let bytes = fs::read(path).unwrap();
    serde_json::from_slice(&bytes).unwrap_or_else(|error| {
        panic!("{error} in {}", String::from_utf8_lossy(&bytes));
    })
}

#[test]
fn the_document_is_the_specifications() {
    let folder = tempfile::tempdir().unwrap();
    let log = changelog(&folder.path().join("logs"));
    assert_eq!(log.read().unwrap(), Reading::default());
    assert!(!log.path().exists(), "reading creates nothing");
    log.append(&[incident("first\nline \"quoted\"")]).unwrap();
    log.append(&[incident("second"), incident("third")]).unwrap();
    let value = parsed(log.path());
    assert_eq!(value["metadata"]["version"], "1.0.0");
    let created = value["metadata"]["created"].as_str().unwrap();
    assert!(
        regex::Regex::new(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$")
            .unwrap()
            .is_match(created)
    );
    let incidents = value["incidents"].as_array().unwrap();
    assert_eq!(incidents.len(), 3);
    let keys: Vec<&str> = incidents[1].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "incident_id",
            "event_type",
            "timestamp",
            "severity",
            "environment",
            "file_path",
            "line_number",
            "error_type",
            "error_message",
            "fix_description",
            "fix_reasoning",
            "validation_result",
            "attempt_number",
        ]
    );
    assert_eq!(incidents[0]["event_type"], "error_detected");
    assert_eq!(incidents[0]["severity"], "ERROR");
    assert_eq!(incidents[0]["timestamp"], "2024-01-15T10:30:15.000000");
    assert_eq!(incidents[0]["error_message"], "first\nline \"quoted\"");
    assert_eq!(fs::metadata(log.path()).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(log.read().unwrap().incidents.len(), 3);
}

#[test]
fn appending_does_not_rewrite_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let log = changelog(folder.path());
    log.append(&[incident("one")]).unwrap();
    let before = fs::read(log.path()).unwrap();
    let inode = Real.metadata(log.path()).unwrap().ino;
    log.append(&[incident("two")]).unwrap();
    let after = fs::read(log.path()).unwrap();
    assert_eq!(after[..before.len() - 7], before[..before.len() - 7]);
    assert_eq!(Real.metadata(log.path()).unwrap().ino, inode);
}

#[test]
fn what_is_no_changelog_is_set_aside_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let log = changelog(folder.path());
    for damaged in ["not json", "{\"metadata\": {}, \"incidents\": []}", "\0\0\0", "[]\n"] {
        fs::write(log.path(), damaged).unwrap();
        let aside = log.append(&[incident("one")]).unwrap().unwrap();
        assert!(aside.whole);
        assert!(aside.path.to_str().unwrap().contains(".damaged-"), "{aside:?}");
        assert_eq!(fs::read_to_string(&aside.path).unwrap(), damaged);
        assert_eq!(parsed(log.path())["incidents"].as_array().unwrap().len(), 1);
        assert_eq!(log.append(&[incident("two")]).unwrap(), None);
    }
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        6,
        "four set aside, log and lock"
    );
}

#[test]
fn damage_inside_is_found_though_the_end_is_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let log = changelog(folder.path());
    log.append(&[incident("one"), incident("two"), incident("three")])
        .unwrap();
    let text = fs::read_to_string(log.path()).unwrap().replace("\"two\"", "two\"");
    fs::write(log.path(), text).unwrap();
    let reading = log.read().unwrap();
    assert_eq!(reading.incidents.len(), 2);
    assert_eq!(reading.bad.len(), 1);
    assert_eq!(reading.bad[0].line, 5);
    assert!(log.append(&[incident("four")]).unwrap().unwrap().whole);
    assert_eq!(log.read().unwrap().incidents.len(), 1);
}

#[test]
fn another_layout_is_kept_and_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let log = changelog(folder.path());
    log.append(&[incident("one")]).unwrap();
    let mut value = parsed(log.path());
    value["incidents"][0]["note"] = "a person's own field".into();
    fs::write(log.path(), serde_json::to_string_pretty(&value).unwrap()).unwrap();
    assert_eq!(log.append(&[incident("two")]).unwrap(), None);
    let value = parsed(log.path());
    assert_eq!(value["incidents"][0]["note"], "a person's own field");
    assert_eq!(value["incidents"][1]["error_message"], "two");
}

#[test]
fn an_append_torn_at_any_byte_is_mended_and_loses_nothing_older() {
    let folder = tempfile::tempdir().unwrap();
    let log = changelog(folder.path());
    log.append(&[incident("one"), incident("two")]).unwrap();
    let before = fs::read(log.path()).unwrap();
    log.append(&[incident("three")]).unwrap();
    let after = fs::read(log.path()).unwrap();
    let start = before.len() - 7;
    for end in start..after.len() {
        // What a write that broke off leaves: its first bytes, then what was there before.
        let mut torn = after[..end].to_vec();
        torn.extend_from_slice(before.get(end..).unwrap_or_default());
        fs::write(log.path(), torn).unwrap();
        let aside = log.append(&[incident("four")]).unwrap();
        assert!(aside.as_ref().is_none_or(|aside| !aside.whole), "at {end}: {aside:?}");
        let reading = log.read().unwrap();
        let messages: Vec<&str> = reading
            .incidents
            .iter()
            .filter_map(|it| it.error_message.as_deref())
            .collect();
        assert!(
            messages == ["one", "two", "four"] || messages == ["one", "two", "three", "four"],
            "at {end}: {messages:?}"
        );
    }
}

#[test]
fn sixteen_writers_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for writer in 0..16 {
            let log = changelog(&folder.path().join("logs"));
            scope.spawn(move || {
                for number in 0..50 {
                    assert_eq!(log.append(&[incident(&format!("{writer}/{number}"))]).unwrap(), None);
                }
            });
        }
    });
    let value = parsed(&folder.path().join("logs/healing_changelog.json"));
    let mut messages: Vec<&str> = value["incidents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|incident| incident["error_message"].as_str().unwrap())
        .collect();
    messages.sort_unstable();
    messages.dedup();
    assert_eq!(messages.len(), 16 * 50);
}

#[test]
fn secrets_do_not_reach_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let redactor = Redactor::new(&["PIN-(?P<secret>[0-9]+)".to_owned()]).unwrap();
    let log = Changelog::new(Arc::new(Real), folder.path(), "c.json", redactor);
    let mut one = incident("cannot reach https://bob:hunter2@host/x with PIN-4711");
    one.command = ["run", "--password", "hunter2", "--token=hunter2"]
        .map(str::to_owned)
        .to_vec();
    one.diff = Some("-DB_PASSWORD=hunter2\n+DB_PASSWORD = 'hunter2'\n".to_owned());
    one.evidence = vec!["Authorization: Bearer hunter2hunter2".to_owned()];
    one.candidates = vec![Candidate {
        fix: Some("use api_key=hunter2".to_owned()),
        ..Candidate::default()
    }];
    log.append(&[one]).unwrap();
    let text = fs::read_to_string(log.path()).unwrap();
    assert!(!text.contains("hunter2") && !text.contains("4711"), "{text}");
    assert!(text.contains("PIN-***") && text.contains("bob:***@host"), "{text}");
}

#[test]
fn known_shapes_are_masked() {
    let masked = Redactor::default();
    for (text, expected) in [
        ("AWS_SECRET_ACCESS_KEY=abc/def+1", "AWS_SECRET_ACCESS_KEY=***"),
        ("key AKIAIOSFODNN7EXAMPLE.", "key ***."),
        ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", "***"),
        ("postgres://u:p%40ss@db/x", "postgres://u:***@db/x"),
        ("{\"client_secret\": \"a b\"}", "{\"client_secret\": \"***\"}"),
        ("{'password': 'x', 'user': 'y'}", "{'password': '***', 'user': 'y'}"),
        ("password: correct horse", "password: ***"),
        ("curl -u me:pw http://x", "curl -u me:*** http://x"),
        ("tool --api-key abc --verbose", "tool --api-key *** --verbose"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----",
            "-----BEGIN RSA PRIVATE KEY-----***-----END RSA PRIVATE KEY-----",
        ),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "***"),
        ("MY_TOKEN=\"a\\\"b\" next", "MY_TOKEN=\"***\" next"),
        ("TOKEN=abc;PATH=/bin", "TOKEN=***;PATH=/bin"),
    ] {
        assert_eq!(masked.text(text), expected);
    }
}

#[test]
fn what_errors_say_stays_readable() {
    let masked = Redactor::default();
    for text in [
        "syntax error near unexpected token `fi'",
        "KeyError: 'password'",
        "ModuleNotFoundError: No module named 'tokenizers'",
        "if token == expected:",
        "SyntaxError: invalid token",
        "fatal: [web1]: UNREACHABLE! => {\"changed\": false, \"unreachable\": true}",
        "git@github.com:owner/repo.git",
        "https://example.org/a@b",
        "TypeError: login() missing 1 required positional argument: 'password'",
        "Error: Missing required argument: The argument \"password\" is required, but no definition was found.",
    ] {
        assert_eq!(masked.text(text), text);
    }
}

#[test]
fn a_bad_site_pattern_is_an_error_that_names_it() {
    let error = Redactor::new(&["ok".to_owned(), "(".to_owned()]).unwrap_err();
    assert_eq!(error.index, 2);
    assert!(Redactor::new(&["a*".to_owned()]).is_err(), "would mask everywhere");
}

#[test]
fn figures_are_the_specifications() {
    let now = Utc::now();
    let mut all = Vec::new();
    for (event, rule) in [
        (EventType::ErrorDetected, "p/a"),
        (EventType::FixApplied, "p/a"),
        (EventType::FixValidated, "p/a"),
        (EventType::FixFailed, "p/b"),
        (EventType::FixFailed, "p/b"),
        (EventType::ManualInterventionRequired, "p/b"),
    ] {
        let mut one = Incident::new(event, Severity::Info, now);
        one.rule_id = Some(rule.to_owned());
        one.session_id = Some("s".to_owned());
        all.push(one);
    }
    let figures = Statistics::of(&all);
    assert_eq!(figures.total_incidents, 6);
    assert_eq!((figures.successful_fixes, figures.failed_fixes), (1, 2));
    assert!((figures.success_rate - 100.0 / 3.0).abs() < 1e-9);
    assert_eq!(figures.manual_interventions, 1);
    assert_eq!(figures.sessions, 1);
    assert_eq!(figures.rules[0].rule_id, "p/a");
    assert!((figures.rules[0].success_rate - 100.0).abs() < 1e-9);
    assert!(Statistics::of(&[]).success_rate.abs() < 1e-9);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_message_survives_and_any_bytes_are_read(message in ".*", bytes: Vec<u8>) {
        let folder = tempfile::tempdir().unwrap();
        let log = changelog(folder.path());
        fs::write(log.path(), &bytes).unwrap();
        log.append(&[incident(&message)]).unwrap();
        log.append(&[incident(&message)]).unwrap();
        let reading = log.read().unwrap();
        prop_assert_eq!(reading.bad, vec![]);
        let expected = Redactor::default().text(&message).into_owned();
        prop_assert!(reading.incidents.iter().all(|it| it.error_message.as_ref() == Some(&expected)));
        let _ = Reading::of(&bytes);
    }
}
