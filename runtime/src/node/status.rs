//! `status` and `pid`.

use std::io;
use std::time::Duration;

use serde_json::json;

use super::boot::Placed;
use super::clock::Uptime;
use super::console;
use super::control::protocol::{ApplicationStatus, NodeState, Status};
use super::exit_code::Exit;
use super::neighbour::{self, Neighbour};

/// Prints the process id.
pub(super) fn pid(placed: &Placed) -> Exit {
    match Neighbour::find(&placed.run_dir) {
        Ok(Neighbour::Running { run_file, .. }) => {
            console::say(run_file.pid);
            Exit::Done
        }
        Ok(Neighbour::Crashed(_) | Neighbour::None) => {
            console::error(format_args!("{} is not running", placed.name()));
            Exit::NotRunning
        }
        Err(error) => failed(placed, &error),
    }
}

/// Prints what the node is doing, for people or for programs.
pub(super) fn status(placed: &Placed, json: bool) -> Exit {
    let release = placed.name();
    match Neighbour::find(&placed.run_dir) {
        Ok(Neighbour::Running { mut client, .. }) => match neighbour::status(&mut client) {
            Ok(status) => {
                console::say(if json { in_json(&status) } else { table(&status) });
                Exit::Done
            }
            Err(error) => {
                console::error(error);
                Exit::Failed
            }
        },
        Ok(Neighbour::Crashed(run_file)) => {
            let pid = run_file.pid;
            let text = format!("{release} crashed (pid {pid} is gone)");
            let facts = json!({ "version": 1, "release": release, "state": "crashed", "pid": pid });
            console::say(if json { facts.to_string() } else { text });
            Exit::NotRunning
        }
        Ok(Neighbour::None) => {
            let facts = json!({ "version": 1, "release": release, "state": "stopped" });
            console::say(if json { facts.to_string() } else { format!("{release} is not running") });
            Exit::NotRunning
        }
        Err(error) => failed(placed, &error),
    }
}

fn failed(placed: &Placed, error: &io::Error) -> Exit {
    console::error(format_args!("failed to look into {}: {error}", placed.run_dir.folder().display()));
    Exit::Failed
}

fn in_json(status: &Status) -> String {
    #[derive(serde::Serialize)]
    struct Versioned<'a> {
        version: u32,
        #[serde(flatten)]
        status: &'a Status,
    }
    let text = serde_json::to_string_pretty(&Versioned { version: 1, status });
    text.expect("a status can be written as JSON")
}

fn table(status: &Status) -> String {
    let state = match status.state {
        NodeState::Starting => "starting",
        NodeState::Running => "running",
        NodeState::Stopping => "stopping",
    };
    let up = up(status.uptime_ms);
    let Status { node, release_version, pid, env, .. } = status;
    let name = node.split_once('@').map_or(node.as_str(), |(name, _host)| name);
    let mut head = format!("{name} {release_version} is {state} (pid {pid}, {env}, up {up})");
    if !status.connected.is_empty() {
        head.push_str(&format!("\nconnected to {}", status.connected.join(", ")));
    }
    if status.applications.is_empty() {
        return head;
    }
    let titles = ["APPLICATION", "STATE", "UP", "RESTARTS", "PROCESSES", "LAST CRASH"].map(str::to_owned);
    let rows: Vec<_> = std::iter::once(titles).chain(status.applications.iter().map(row)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: [usize; 6] = std::array::from_fn(width);
    let line = |row: &[String; 6]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    format!("{head}\n\n{}", rows.iter().map(line).collect::<Vec<_>>().join("\n"))
}

fn row(application: &ApplicationStatus) -> [String; 6] {
    let state = match &application.release {
        Some(release) => format!("in {release}"),
        None => format!("{:?}", application.state).to_lowercase(),
    };
    let crash = application.last_crash.as_ref();
    let crash =
        crash.map(|crash| format!("{}: {}", crash.process, crash.reason.lines().next().unwrap_or_default()));
    [
        application.name.clone(),
        state,
        application.uptime_ms.map_or_else(dash, |ms| up(ms).to_string()),
        application.restarts.to_string(),
        application.processes.to_string(),
        crash.unwrap_or_else(dash),
    ]
}

fn up(ms: u64) -> Uptime {
    Uptime(Duration::from_millis(ms))
}

fn dash() -> String {
    "-".to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::control::protocol::{Kind, LastCrash};
    use super::*;
    use crate::application::{StartType, State};

    #[test]
    fn the_table_says_what_people_ask() {
        let application = |name: &str, state, release: Option<&str>| ApplicationStatus {
            name: name.into(),
            version: "0.1.0".into(),
            kind: Kind::Supervised,
            state,
            release: release.map(str::to_owned),
            start_type: StartType::Permanent,
            depends_on: Vec::new(),
            uptime_ms: None,
            restarts: 0,
            processes: 0,
            last_crash: None,
        };
        let crash =
            LastCrash { reason: "panicked: x\ny".into(), process: "b_counter <0.5.0>".into(), at_unix_ms: 0 };
        let b = ApplicationStatus {
            uptime_ms: Some(180_000),
            restarts: 2,
            processes: 3,
            last_crash: Some(crash),
            ..application("b", State::Running, None)
        };
        let status = Status {
            release: "ab".into(),
            node: "ab@127.0.0.1".into(),
            instance: None,
            instances: BTreeMap::new(),
            connected: vec!["c@127.0.0.1".into()],
            release_version: "0.1.0".into(),
            deployment: None,
            env: "prod".into(),
            pid: 4242,
            state: NodeState::Running,
            started_unix_ms: 0,
            uptime_ms: 181_000,
            applications: vec![b, application("c", State::Elsewhere, Some("c"))],
        };
        let expected = "\
ab 0.1.0 is running (pid 4242, prod, up 3m)
connected to c@127.0.0.1

APPLICATION  STATE    UP  RESTARTS  PROCESSES  LAST CRASH
b            running  3m  2         3          b_counter <0.5.0>: panicked: x
c            in c     -   0         0          -";
        assert_eq!(table(&status), expected);
    }
}
