//! The audit trail: the specification's document, its events, its figures.

use std::collections::BTreeSet;

use crate::project::{HEAL, Project, healable};

const FIELDS: [&str; 13] = [
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
];

#[test]
fn a_healed_run_is_told_in_the_specifications_words() {
    let project = healable();
    project.heal(&HEAL).expect(0, &[]);
    let document = project.changelog();
    assert!(document["metadata"]["created"].is_string() && document["metadata"]["version"].is_string());
    let incidents = document["incidents"].as_array().unwrap();
    for incident in incidents {
        for field in FIELDS {
            assert!(incident.get(field).is_some(), "{field} is missing in {incident}");
        }
        assert_eq!(
            incident["timestamp"].as_str().unwrap().len(),
            "2024-01-15T10:30:15.123456".len()
        );
        assert_eq!(incident["session_id"], incidents[0]["session_id"]);
    }
    let wanted = [
        "error_detected",
        "analysis_complete",
        "fix_generated",
        "fix_applied",
        "fix_validated",
        "healing_complete",
    ];
    assert_eq!(project.events(), wanted);
    let applied = &incidents[3];
    assert_eq!(applied["rule_id"], "site/broken");
    assert_eq!(applied["rule_version"], "1.2.3");
    assert_eq!(applied["environment"], "site");
    assert_eq!(applied["error_type"], "value");
    assert_eq!(applied["error_message"], "BROKEN app.conf");
    assert_eq!(applied["fix_description"], "Repair app.conf");
    assert!(applied["diff"].as_str().unwrap().contains("+mode = new"));
    assert_eq!(incidents[4]["validation_result"], "SUCCESS");
    assert_eq!(incidents[5]["final_result"], "success");
}

#[test]
fn backups_bear_the_specifications_names() {
    let project = healable();
    project.heal(&HEAL).expect(0, &[]);
    let folder = project.root().join("self_healing_logs/backups");
    let names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    let fits = |name: &String| {
        let rest = name.strip_prefix("app.conf.").and_then(|n| n.strip_suffix(".backup"));
        rest.is_some_and(|stamp| stamp.len() >= 15 && stamp.as_bytes()[8] == b'_')
    };
    assert!(names.iter().any(fits), "{names:?}");
}

#[test]
fn log_stats_and_explain() {
    let project = healable();
    project.heal(&HEAL).expect(0, &[]);
    project
        .heal(&["run", "--", "sh", "-c", "echo strange >&2; exit 4"])
        .expect(4, &[]);
    let stats = project.heal(&["stats", "--format", "json"]);
    let stats: serde_json::Value = serde_json::from_str(stats.out()).unwrap();
    assert_eq!(stats["successful_fixes"], 1);
    assert_eq!(stats["failed_fixes"], 0);
    assert_eq!(stats["manual_interventions"], 1);
    assert_eq!(stats["success_rate"], 100.0);
    assert_eq!(
        stats["total_incidents"].as_u64().unwrap() as usize,
        project.events().len()
    );
    let log = project.heal(&["log"]);
    assert!(log.code == 0 && log.out().contains("fix_validated") && log.out().contains("site/broken"));
    let log = project.heal(&["log", "--format", "json", "-n", "2"]);
    let log: serde_json::Value = serde_json::from_str(log.out()).unwrap();
    assert_eq!(log.as_array().or(log["incidents"].as_array()).unwrap().len(), 2);
    let session = project.changelog()["incidents"][0]["session_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let told = project.heal(&["explain", &session]);
    assert!(told.code == 0 && told.out().contains("site/broken"), "{told:?}");
}

#[test]
fn secrets_stay_out() {
    let project = Project::new(&[]);
    let line = "echo 'login failed for https://ann:hunter22secret@example.org password=hunter33secret' >&2; exit 4";
    project.heal(&["run", "--", "sh", "-c", line]).expect(4, &[]);
    let text = project.read("self_healing_logs/healing_changelog.json");
    assert!(
        !text.contains("hunter22secret") && !text.contains("hunter33secret"),
        "{text}"
    );
}

#[test]
fn a_damaged_changelog_is_set_aside() {
    let project = healable();
    project.write(
        "self_healing_logs/healing_changelog.json",
        "{\"metadata\": {}, \"incidents\": [ {\"half",
    );
    project.heal(&HEAL).expect(0, &["heal: fixed", "changelog"]);
    assert!(project.events().contains(&"healing_complete".to_owned()));
    let kept = std::fs::read_dir(project.root().join("self_healing_logs")).unwrap();
    let kept: Vec<_> = kept.map(|e| e.unwrap().file_name()).collect();
    assert!(
        kept.iter()
            .filter(|n| n.to_string_lossy().starts_with("healing_changelog"))
            .count()
            >= 2,
        "{kept:?}"
    );
}

#[test]
fn many_at_once_lose_nothing() {
    let project = Project::new(&[]);
    let argv = ["run", "--", "sh", "-c", "echo strange >&2; exit 4"];
    let children: Vec<_> = (0..8)
        .map(|_| project.command(env!("CARGO_BIN_EXE_heal"), &argv).spawn().unwrap())
        .collect();
    for child in children {
        project.ended(child).expect(4, &[]);
    }
    let document = project.changelog();
    let incidents = document["incidents"].as_array().unwrap();
    let sessions: BTreeSet<&str> = incidents.iter().map(|i| i["session_id"].as_str().unwrap()).collect();
    let ends = project.events().iter().filter(|e| *e == "healing_complete").count();
    assert_eq!((sessions.len(), ends), (8, 8));
}

#[test]
fn nothing_is_written_where_the_settings_say_so() {
    let project = healable();
    project.write("heal.toml", "[logging]\nlog_to_file = false\n");
    project.heal(&HEAL).expect(0, &["heal: fixed"]);
    assert!(!project.root().join("self_healing_logs/healing_changelog.json").exists());
    project.heal(&["undo"]).expect(0, &["app.conf"]);
}

#[test]
fn the_report_is_one_page_that_shows_output_and_never_runs_it() {
    let project = healable();
    let page = project.heal(&["report", "--out", "-"]);
    assert!(page.code == 0 && page.out().contains("Nothing has been healed here yet."));
    project.heal(&HEAL).expect(0, &[]);
    let line = r#"printf 'strange <script src=x>&\033]0;title\007\n' >&2; exit 4"#;
    project.heal(&["run", "--", "sh", "-c", line]).expect(4, &[]);

    let written = project.heal(&["report"]);
    let target = project.root().join("self_healing_logs/report.html");
    assert_eq!((written.code, written.out().trim()), (0, target.to_str().unwrap()));
    let page = std::fs::read_to_string(target).unwrap();
    let session = project.changelog()["incidents"][0]["session_id"]
        .as_str()
        .unwrap()
        .to_owned();
    for wanted in [
        "site/broken",
        "+mode &#x3D; new",
        &format!("heal undo {session}"),
        "100.0 %",
    ] {
        assert!(page.contains(wanted), "{wanted} is missing in {page}");
    }
    assert!(page.contains("strange &lt;script src"), "{page}");
    assert!(!page.contains("<script") && !page.contains(['\x1b', '\x07']), "{page}");
    assert_eq!(project.heal(&["report", "--out", "-"]).out().len(), page.len());
}
