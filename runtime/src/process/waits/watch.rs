//! The task of a node that looks into calls which may be part of a cycle.
//!
//! One task at a time looks into all of them, so that of a cycle only one call is failed.

use std::collections::HashMap;
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use super::super::{Node, Pid};
use super::graph::{self, Edge, Known};
use super::path::{WaitPath, Waiter};
use super::probe::{Probe, Waiting};

/// How long a process may take until it is polled; one that takes longer is busy, and no part of a cycle.
const PROBE_WAIT: Duration = Duration::from_secs(1);

/// The calls of a node that are to be looked into, and the probes on their way.
#[derive(Default)]
pub(crate) struct Waits(Mutex<State>);

#[derive(Default)]
struct State {
    callers: Vec<(Pid, Occasion)>,
    probes: HashMap<Pid, Probe>,
    watching: bool,
}

/// Why a call is looked into.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Occasion {
    /// It was made, and may have closed a cycle.
    Made,
    /// It has waited for a while.
    Waits,
}

impl Waits {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The probe for `pid`, if somebody sent one.
    pub(crate) fn take_probe(&self, pid: Pid) -> Option<Probe> {
        self.state().probes.remove(&pid)
    }
}

impl Node {
    /// Looks into the calls that `caller` waits for.
    pub(crate) fn look_into(&self, caller: Pid, occasion: Occasion) {
        let begin = {
            let mut state = self.waits().state();
            state.callers.push((caller, occasion));
            !mem::replace(&mut state.watching, true)
        };
        if begin {
            tokio::spawn(watch(self.clone()));
        }
    }
}

async fn watch(node: Node) {
    loop {
        let callers = {
            let mut state = node.waits().state();
            state.watching = !state.callers.is_empty();
            mem::take(&mut state.callers)
        };
        if callers.is_empty() {
            return;
        }
        let mut known = Known::new();
        for (caller, occasion) in callers {
            look_into(&node, caller, occasion, &mut known).await;
        }
    }
}

async fn look_into(node: &Node, caller: Pid, occasion: Occasion, known: &mut Known) {
    while let Some(pid) = graph::unknown(caller, known) {
        let waiting = probe(node, pid).await;
        known.insert(pid, waiting);
    }
    let Some(mut cycle) = graph::cycle(caller, known) else { return };
    // Probed one after the other: that all calls are still open says that nothing has moved since.
    if !cycle.iter().all(is_open) {
        return;
    }
    if cycle.iter().all(|edge| is_certain(node, edge)) {
        let victim = victim(&cycle);
        cycle.rotate_left(victim);
        let path = path(node, &cycle);
        if let Some(call) = cycle[0].wait.call.upgrade() {
            call.fail(&path);
        }
        // What was known is no longer so.
        known.clear();
    } else if occasion == Occasion::Waits {
        let path = path(node, &cycle);
        tracing::warn!(target: "umbrella::wait_cycle", path = %path, "may wait for each other: {path}");
    }
}

/// Whose call fails: that with the earliest deadline could not have been answered, since all others wait at least as
/// long. Of equal ones it is the last that was made.
fn victim(cycle: &[Edge]) -> usize {
    let deadline = |edge: &Edge| {
        let deadline = edge.wait.call.upgrade().and_then(|call| call.deadline());
        (deadline.is_none(), deadline)
    };
    (0..cycle.len()).min_by_key(|at| deadline(&cycle[*at])).unwrap_or(0)
}

fn is_open(edge: &Edge) -> bool {
    edge.wait.call.upgrade().is_some_and(|call| call.is_open())
}

fn is_certain(node: &Node, edge: &Edge) -> bool {
    edge.sole
        && edge.wait.call.upgrade().is_some_and(|call| call.is_held_by_callee())
        && node.process(edge.wait.callee).is_some_and(|callee| callee.head().begins_calls())
}

fn path(node: &Node, cycle: &[Edge]) -> WaitPath {
    let waiters = cycle.iter().map(|edge| Waiter::new(edge.from, node.process(edge.from).as_deref()));
    WaitPath::new(waiters.collect())
}

/// What `pid` waits for; nothing if it ends or stays busy.
async fn probe(node: &Node, pid: Pid) -> Waiting {
    let Some(process) = node.process(pid) else { return Waiting::default() };
    let (answer, answered) = oneshot::channel();
    node.waits().state().probes.insert(pid, Probe(answer));
    process.probe();
    let waiting = tokio::time::timeout(PROBE_WAIT, answered).await;
    node.waits().state().probes.remove(&pid);
    match waiting {
        Ok(Ok(waiting)) => waiting,
        Ok(Err(_)) | Err(_) => Waiting::default(),
    }
}
