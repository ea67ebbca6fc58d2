//! What was found in the run folder, as a table. PURE.

use std::time::Duration;

use super::clock::{readable, since};
use super::state::Found;
use super::status::{ApplicationKind, ApplicationState, ApplicationStatus, Crash, NodeState, NodeStatus};
use crate::shell::columns;

const HEADINGS: [&str; 9] =
    ["NODE", "APPLICATION", "STATE", "PID", "UP", "RESTARTS", "PROCESSES", "CONNECTED", "LAST CRASH"];

/// The columns whose cells are numbers.
const NUMBERS: [bool; 9] = [false, false, false, true, false, true, true, false, false];

/// Longer than this a crash reason is cut: the whole of it is in `--json` and in the log.
const REASON: usize = 60;

type Row = [String; 9];

/// One line per application of each node, and one for each node that does not answer.
///
/// An application elsewhere has a line where it runs; here only if that node is not there.
#[must_use]
pub fn status_table(nodes: &[Found], now_unix_ms: u64) -> Vec<String> {
    let mut rows = vec![HEADINGS.map(str::to_owned)];
    let is_listed = |release: &str| nodes.iter().any(|node| node.record().release == release);
    for node in nodes {
        match node {
            Found::Alive(_, status) => rows.extend(of_node(status, is_listed, now_unix_ms)),
            Found::Silent(record, _) => rows.push(without_answer(record.name(), record.pid, "not answering")),
            Found::Crashed(record) => rows.push(without_answer(record.name(), record.pid, "crashed")),
        }
    }
    columns(&rows, &NUMBERS)
}

fn of_node(node: &NodeStatus, is_listed: impl Fn(&str) -> bool, now_unix_ms: u64) -> Vec<Row> {
    if node.applications.is_empty() {
        let up = readable(Duration::from_millis(node.uptime_ms));
        let mut row = without_answer(node.name(), node.pid, state_of_node(node.state));
        row[4] = up;
        row[7] = connected(node);
        return vec![row];
    }
    let is_shown = |application: &&ApplicationStatus| !application.release.as_deref().is_some_and(&is_listed);
    let shown = node.applications.iter().filter(is_shown);
    shown.map(|application| of_application(node, application, now_unix_ms)).collect()
}

fn of_application(node: &NodeStatus, application: &ApplicationStatus, now_unix_ms: u64) -> Row {
    let here = application.state != ApplicationState::Elsewhere;
    let supervised = here && application.kind != ApplicationKind::Library;
    let counted = |count: u64| if supervised { count.to_string() } else { dash() };
    let up = application.uptime_ms.filter(|_| supervised).map(Duration::from_millis);
    let crash = application.last_crash.as_ref().filter(|_| supervised);
    [
        node.name().to_owned(),
        application.name.clone(),
        state_of(application),
        if here { node.pid.to_string() } else { dash() },
        up.map_or_else(dash, readable),
        counted(application.restarts),
        counted(application.processes),
        connected(node),
        crash.map_or_else(dash, |crash| last_crash(crash, now_unix_ms)),
    ]
}

/// The other nodes it is connected to, by their short names where they are on the same host.
fn connected(node: &NodeStatus) -> String {
    if node.connected.is_empty() {
        return dash();
    }
    let here = node.node.split_once('@').map(|(_, host)| host);
    let shown = |name: &String| match name.split_once('@') {
        Some((short, host)) if Some(host) == here => short.to_owned(),
        _ => name.clone(),
    };
    node.connected.iter().map(shown).collect::<Vec<_>>().join(",")
}

fn state_of(application: &ApplicationStatus) -> String {
    match (application.state, application.kind, &application.release) {
        (ApplicationState::Elsewhere, _, Some(release)) => format!("in {release}, down"),
        (ApplicationState::Elsewhere, _, None) => "elsewhere".to_owned(),
        (ApplicationState::Loaded | ApplicationState::Running, ApplicationKind::Library, _) => {
            "library".to_owned()
        }
        (ApplicationState::Loaded, ..) => "loaded".to_owned(),
        (ApplicationState::Starting, ..) => "starting".to_owned(),
        (ApplicationState::Running, ..) => "running".to_owned(),
        (ApplicationState::Stopping, ..) => "stopping".to_owned(),
        (ApplicationState::Stopped, ..) => "stopped".to_owned(),
        (ApplicationState::Failed, ..) => "failed".to_owned(),
        (ApplicationState::Unknown, ..) => "unknown".to_owned(),
    }
}

fn state_of_node(state: NodeState) -> &'static str {
    match state {
        NodeState::Starting => "starting",
        NodeState::Running => "running",
        NodeState::Stopping => "stopping",
        NodeState::Unknown => "unknown",
    }
}

/// `panicked: asked to crash (b_counter, 10s ago)`.
fn last_crash(crash: &Crash, now_unix_ms: u64) -> String {
    let line = crash.reason.lines().next().unwrap_or_default();
    let mut reason: String = line.chars().take(REASON).collect();
    if reason.len() < crash.reason.len() {
        reason.push('…');
    }
    let ago = readable(since(crash.at_unix_ms, now_unix_ms));
    match &crash.process {
        Some(process) => format!("{reason} ({process}, {ago} ago)"),
        None => format!("{reason} ({ago} ago)"),
    }
}

fn without_answer(release: &str, pid: u32, state: &str) -> Row {
    let mut row: Row = std::array::from_fn(|_| dash());
    row[0] = release.to_owned();
    row[2] = state.to_owned();
    row[3] = pid.to_string();
    row
}

fn dash() -> String {
    "-".to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::control::ControlError;
    use super::super::state::Record;
    use super::*;

    fn record(release: &str, pid: u32) -> Record {
        Record {
            release: release.to_owned(),
            node: format!("{release}@127.0.0.1"),
            release_version: "0.1.0".to_owned(),
            pid,
            socket: format!("{release}.sock").into(),
            log: None,
            env: "dev".to_owned(),
            started_unix_ms: 0,
        }
    }

    fn alive(json: &str) -> Found {
        let status: NodeStatus = serde_json::from_str(json).expect("a status");
        Found::Alive(record(&status.release, status.pid), status)
    }

    #[test]
    fn each_application_of_each_node_has_a_line() {
        let ab = alive(
            r#"{"release":"ab","node":"ab@127.0.0.1","connected":["c@127.0.0.1","x@10.0.0.5"],"release_version":"0.1.0","deployment":"[a,b]+[c]","env":"dev","pid":4242,"state":"running",
            "started_unix_ms":0,"uptime_ms":185000,"applications":[
            {"name":"a","version":"0.1.0","kind":"library","state":"loaded","release":null,"start_type":"permanent",
             "depends_on":["c"],"uptime_ms":null,"restarts":0,"processes":0,"last_crash":null},
            {"name":"b","version":"0.1.0","kind":"supervised","state":"running","release":null,"start_type":"permanent",
             "depends_on":[],"uptime_ms":185000,"restarts":1,"processes":2,
             "last_crash":{"reason":"panicked: asked to crash","process":"b_counter","at_unix_ms":50000}},
            {"name":"c","kind":"supervised","state":"elsewhere","release":"c"},
            {"name":"e","kind":"supervised","state":"elsewhere","release":"e"}]}"#,
        );
        let nodes =
            [ab, Found::Crashed(record("c", 77)), Found::Silent(record("d", 7), ControlError::Closed)];
        let expected = [
            "NODE  APPLICATION  STATE           PID  UP  RESTARTS  PROCESSES  CONNECTED     LAST CRASH",
            "ab    a            library        4242  -          -          -  c,x@10.0.0.5  -",
            "ab    b            running        4242  3m         1          2  c,x@10.0.0.5  panicked: asked to crash (b_counter, 10s ago)",
            "ab    e            in e, down        -  -          -          -  c,x@10.0.0.5  -",
            "c     -            crashed          77  -          -          -  -             -",
            "d     -            not answering     7  -          -          -  -             -",
        ];
        assert_eq!(status_table(&nodes, 60_000), expected);
    }

    #[test]
    fn a_node_without_applications_has_a_line_too() {
        let node = alive(
            r#"{"release":"abc","release_version":"0.1.0","env":"dev","pid":1,"state":"starting","started_unix_ms":0,
            "uptime_ms":2000,"applications":[]}"#,
        );
        assert!(status_table(&[node], 0)[1].starts_with("abc   -            starting    1  2s"));
    }

    #[test]
    fn a_long_reason_is_cut_at_its_first_line() {
        let crash = |reason: &str| Crash { reason: reason.to_owned(), process: None, at_unix_ms: 0 };
        assert_eq!(last_crash(&crash("one\ntwo"), 1000), "one… (1s ago)");
        assert_eq!(last_crash(&crash(&"x".repeat(100)), 1000).chars().filter(|&c| c == 'x').count(), REASON);
    }

    #[test]
    fn words_of_a_newer_node_are_unknown_and_no_error() {
        let node = alive(
            r#"{"release":"abc","release_version":"0.1.0","env":"dev","pid":1,"state":"upgrading","started_unix_ms":0,
            "uptime_ms":2000,"applications":[{"name":"a","kind":"actor","state":"dreaming"}]}"#,
        );
        assert!(status_table(&[node], 0)[1].contains("unknown"));
    }
}
