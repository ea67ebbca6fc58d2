//! The supervision trees.
//!
//! Which process is below which is known by who spawned it, as the observer of OTP has it from us; what supervisors say
//! of their children adds those that do not run. A supervisor that is busy does not hold the answer up: then its children
//! are shown without their names.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use tokio::time::{Instant, timeout_at};

use super::processes::Process;
use super::{Answer, json, named};
use crate::application::{ApplicationInfo, Controller};
use crate::beam;
use crate::process::{Node, Pid, ProcessInfo};
use crate::supervisor::{ChildInfo, ChildKind, ChildState};

/// How long all supervisors together have to name their children.
const PATIENCE: Duration = Duration::from_millis(500);

#[derive(Serialize)]
struct Trees {
    applications: Vec<Application>,
}

#[derive(Serialize)]
struct Application {
    name: &'static str,
    state: crate::application::State,
    /// Where it runs, if elsewhere.
    release: Option<&'static str>,
    restarts: u64,
    /// The top of its tree; nothing if it has no processes.
    tree: Option<Branch>,
}

/// A process, or a child that does not run, and what is below it.
#[derive(Serialize)]
pub(super) struct Branch {
    /// What its supervisor calls it.
    id: Option<String>,
    kind: Kind,
    /// How often its supervisor restarted it because of itself; nothing if it has none.
    restarts: Option<u32>,
    /// `running`, `restarting` or `stopped`.
    life: &'static str,
    #[serde(flatten)]
    process: Option<Process>,
    children: Vec<Branch>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Application,
    Supervisor,
    Worker,
    /// Nobody supervises it.
    Process,
}

/// The trees of applications.
pub(super) async fn trees(controller: &Controller, names: &[String]) -> Answer {
    let wanted = named(controller, names)?;
    let infos = controller.infos().into_iter().filter(|info| wanted.contains(&info.name));
    let (node, deadline) = (controller.node(), Instant::now() + PATIENCE);
    let mut applications = Vec::new();
    for info in infos {
        applications.push(application(node, info, deadline).await);
    }
    json(Trees { applications })
}

async fn application(node: &Node, info: ApplicationInfo, deadline: Instant) -> Application {
    let members = beam::members(node, info.name);
    let mut known = Known::default();
    for member in &members {
        let children = node.scope(async { timeout_at(deadline, beam::children_of(member.pid)).await }).await;
        if let Ok(Some(children)) = children {
            known.supervised(member, children);
        }
    }
    let root = beam::root(&members).map(|root| root.pid);
    for member in members.iter().filter(|member| Some(member.pid) != root) {
        known.member(member, root);
    }
    let tree = root.map(|root| known.branch(node, root, None));
    Application { name: info.name, state: info.state, release: info.release, restarts: info.restarts, tree }
}

/// What is known of who is below whom.
#[derive(Default)]
struct Known {
    /// In start order, as their supervisor has them.
    supervised: BTreeMap<Pid, Vec<ChildInfo>>,
    /// Processes that their parent does not supervise, or has not named.
    spawned: BTreeMap<Pid, Vec<Pid>>,
}

impl Known {
    fn supervised(&mut self, supervisor: &ProcessInfo, mut children: Vec<ChildInfo>) {
        // Of a dynamic supervisor they come in no order.
        if supervisor.label == "DynamicSupervisor" {
            children.sort_by_key(|child| child.state.pid());
        } else {
            children.reverse();
        }
        self.supervised.insert(supervisor.pid, children);
    }

    /// Whoever was spawned from outside hangs on the root.
    fn member(&mut self, member: &ProcessInfo, root: Option<Pid>) {
        let is_named = self.supervised.values().flatten().any(|child| child.state.pid() == Some(member.pid));
        if let (false, Some(parent)) = (is_named, member.parent.or(root)) {
            self.spawned.entry(parent).or_default().push(member.pid);
        }
    }

    fn branch(&self, node: &Node, pid: Pid, child: Option<&ChildInfo>) -> Branch {
        let supervised = self.supervised.get(&pid).into_iter().flatten();
        let mut children: Vec<_> = supervised.map(|child| self.child(node, child)).collect();
        let spawned = self.spawned.get(&pid).into_iter().flatten();
        children.extend(spawned.map(|pid| self.branch(node, *pid, None)));
        let process = node.process(pid).map(|process| Process::of(&*process));
        let kind = match (child, &process) {
            _ if self.supervised.contains_key(&pid) => Kind::Supervisor,
            (Some(child), _) => kind(child),
            (None, Some(process)) if process.label == "Application" => Kind::Application,
            (None, _) => Kind::Process,
        };
        Branch {
            id: child.map(|child| child.id.to_string()),
            kind,
            restarts: child.and_then(|child| child.restarts),
            life: if process.is_some() { "running" } else { "stopped" },
            process,
            children,
        }
    }

    fn child(&self, node: &Node, child: &ChildInfo) -> Branch {
        let life = match child.state {
            ChildState::Running(pid) => return self.branch(node, pid, Some(child)),
            ChildState::Restarting => "restarting",
            ChildState::Stopped => "stopped",
        };
        Branch {
            id: Some(child.id.to_string()),
            kind: kind(child),
            restarts: child.restarts,
            life,
            process: None,
            children: Vec::new(),
        }
    }
}

fn kind(child: &ChildInfo) -> Kind {
    match child.kind {
        ChildKind::Supervisor => Kind::Supervisor,
        ChildKind::Worker => Kind::Worker,
    }
}
