//! Looking at a tree that is at rest: is everything where it belongs?

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::process::{Cell, Node, Pid, ProcessInfo};
use crate::registry::{Protocol, Ref};
use crate::supervisor::{ChildInfo, ChildState, DynamicSupervisor, Restart, Supervisor};

/// Something that must not be in a node at rest.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Defect {
    /// The process that spawned it is gone, and it lives on.
    #[error("process {pid} has lost its parent {parent}")]
    Orphan {
        /// The process.
        pid: Pid,
        /// The process that spawned it.
        parent: Pid,
    },
    /// A supervisor spawned it and does not know it.
    #[error("process {pid} is not among the children of its supervisor {supervisor}")]
    Unsupervised {
        /// The process.
        pid: Pid,
        /// The process that spawned it.
        supervisor: Pid,
    },
    /// A supervisor has a child that is gone, or that is not linked to it.
    #[error("child `{id}` of supervisor {supervisor} is {pid}, which is gone or not linked to it")]
    Lost {
        /// The supervisor.
        supervisor: Pid,
        /// The child.
        id: Arc<str>,
        /// The process it is said to be.
        pid: Pid,
    },
    /// A permanent child, or one that is to be restarted, does not run.
    #[error("child `{id}` of supervisor {supervisor} does not run")]
    Down {
        /// The supervisor.
        supervisor: Pid,
        /// The child.
        id: Arc<str>,
    },
    /// A name belongs to a process that is gone, or that does not know it.
    #[error("name `{name}` belongs to {pid}, which is gone or has another name")]
    Name {
        /// The name.
        name: Arc<str>,
        /// The process it leads to.
        pid: Pid,
    },
}

/// Says what is wrong with the processes, the supervisors, and the names of a node; nothing is as it should be.
///
/// For tests that have made processes end at random and want to know that the trees are whole again.
/// What is on its way is a defect too, so ask again while supervisors still work.
/// Children that were terminated by hand, and permanent ones with nothing to run, are told as [`Defect::Down`].
pub async fn defects(node: &Node) -> Vec<Defect> {
    let processes: HashMap<Pid, ProcessInfo> =
        node.processes().into_iter().filter_map(|pid| Some((pid, node.process_info(pid)?))).collect();
    let mut defects = Vec::new();
    for (name, pid) in node.registered() {
        if processes.get(&pid).is_none_or(|info| info.name.as_deref() != Some(&*name)) {
            defects.push(Defect::Name { name, pid });
        }
    }
    let mut known: HashMap<Pid, HashSet<Pid>> = HashMap::new();
    for &supervisor in processes.keys() {
        let Some(children) = node.scope(children(node, supervisor)).await else { continue };
        let known = known.entry(supervisor).or_default();
        for (child, is_down) in children {
            let ChildInfo { id, state, .. } = child;
            match state {
                ChildState::Running(pid) => {
                    known.insert(pid);
                    if processes.get(&pid).is_none_or(|info| !info.links.contains(&supervisor)) {
                        defects.push(Defect::Lost { supervisor, id, pid });
                    }
                }
                ChildState::Stopped | ChildState::Restarting if is_down => {
                    defects.push(Defect::Down { supervisor, id });
                }
                ChildState::Stopped | ChildState::Restarting => {}
            }
        }
    }
    for (&pid, info) in &processes {
        let Some(parent) = info.parent else { continue };
        if !processes.contains_key(&parent) {
            defects.push(Defect::Orphan { pid, parent });
        } else if known.get(&parent).is_some_and(|children| !children.contains(&pid)) {
            defects.push(Defect::Unsupervised { pid, supervisor: parent });
        }
    }
    defects
}

/// The children of a process, each with whether it should run and does not; nothing if it is no supervisor.
async fn children(node: &Node, pid: Pid) -> Option<Vec<(ChildInfo, bool)>> {
    if let Some(supervisor) = speaking::<DynamicSupervisor>(node, pid) {
        let children = supervisor.which_children().await.unwrap_or_default();
        return Some(children.into_iter().map(|child| (child, true)).collect());
    }
    let supervisor = speaking::<Supervisor>(node, pid)?;
    let mut children = Vec::new();
    for child in supervisor.which_children().await.unwrap_or_default() {
        let is_down = match child.state {
            ChildState::Running(_) => false,
            ChildState::Restarting => true,
            ChildState::Stopped => {
                let spec = supervisor.get_childspec(child.id.clone()).await;
                spec.is_ok_and(|spec| spec.restart_type() == Restart::Permanent)
            }
        };
        children.push((child, is_down));
    }
    Some(children)
}

/// The process `pid`, if it understands the messages of `P`.
fn speaking<P: Protocol>(node: &Node, pid: Pid) -> Option<Ref<P>> {
    let cell = node.process(pid)?.into_any().downcast::<Cell<P::Message>>().ok()?;
    Some(Ref::new(cell))
}
