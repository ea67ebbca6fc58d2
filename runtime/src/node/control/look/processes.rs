//! All processes of the node, and the groups they are in.

use serde::Serialize;

use crate::beam;
use crate::process::{AnyCell, Node, Pid, ProcessInfo};
use crate::registry::pg;

/// What runs.
#[derive(Serialize)]
pub(super) struct Processes {
    /// What the program has of the memory of its machine; nothing if that is not known.
    memory_bytes: Option<u64>,
    processes: Vec<Process>,
}

/// One process.
#[derive(Serialize)]
pub(super) struct Process {
    pub(super) pid: String,
    pub(super) name: Option<String>,
    #[serde(rename = "type")]
    pub(super) label: &'static str,
    pub(super) application: String,
    pub(super) parent: Option<String>,
    pub(super) state: State,
    /// The callback that runs.
    pub(super) handler: Option<&'static str>,
    /// How many messages wait.
    pub(super) queued: usize,
    /// How many messages it took so far: its work, where OTP counts reductions.
    pub(super) handled: u64,
    /// Its own memory, without what its state and its messages own elsewhere.
    pub(super) memory_bytes: usize,
    pub(super) links: usize,
    pub(super) trap_exit: bool,
}

/// What a process does.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    /// For a message.
    Waiting,
    /// A callback, which may be waiting for something itself.
    Running,
    /// It takes no messages until it is resumed.
    Suspended,
}

impl Process {
    pub(super) fn of(process: &dyn AnyCell) -> Self {
        let info = ProcessInfo::of(process);
        let handler = process.handler();
        let state = match handler {
            _ if process.head().attention().is_suspended() => State::Suspended,
            Some(_) => State::Running,
            None => State::Waiting,
        };
        Self {
            pid: info.pid.to_string(),
            label: info.label,
            parent: info.parent.map(|parent| parent.to_string()),
            state,
            handler,
            queued: info.queued,
            handled: info.taken,
            memory_bytes: info.memory.total(),
            links: info.links.len(),
            trap_exit: info.trap_exit,
            application: info.application,
            name: info.name,
        }
    }
}

/// All processes, the oldest place first.
pub(super) fn all(node: &Node) -> Processes {
    let mut pids = node.processes();
    pids.sort_unstable();
    let processes =
        pids.into_iter().filter_map(|pid| node.process(pid)).map(|process| Process::of(&*process));
    Processes {
        memory_bytes: Some(beam::memory(node)).filter(|bytes| *bytes > 0),
        processes: processes.collect(),
    }
}

/// A process group with its members.
#[derive(Serialize)]
pub(super) struct Groups {
    groups: Vec<Group>,
}

#[derive(Serialize)]
struct Group {
    scope: String,
    name: String,
    members: Vec<Member>,
}

#[derive(Serialize)]
struct Member {
    pid: String,
    node: Option<String>,
    /// What it is called here; of a process of another node that is not known.
    name: Option<String>,
}

/// The groups of all scopes, by their names.
pub(super) fn groups(node: &Node) -> Groups {
    let mut groups: Vec<Group> = pg::all_groups(node)
        .into_iter()
        .map(|(scope, name, mut members)| {
            members.sort_unstable();
            let members = members.into_iter().map(|pid| member(node, pid)).collect();
            Group { scope: scope.into(), name: name.to_string(), members }
        })
        .collect();
    groups.sort_by(|one, other| (&one.scope, &one.name).cmp(&(&other.scope, &other.name)));
    Groups { groups }
}

fn member(node: &Node, pid: Pid) -> Member {
    let name = node.process(pid).map(|process| process.display_name().to_string());
    Member { pid: pid.to_string(), node: node.node_name(pid.node()).map(|name| name.to_string()), name }
}
