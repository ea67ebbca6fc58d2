//! Who waits for whom: calls that can never be answered, because the processes wait for each other in a cycle.
//!
//! A process that calls leaves a hint of its callee, so that whoever closes a cycle sees it at once; a call that has
//! waited for a while is looked at in any case. What a process really waits for is found out by a [`probe`], and only
//! when it waits for that one call and nothing else is the cycle certain.
//!
//! | file | what it does |
//! |---|---|
//! | `probe` | polls a process once with a waker that counts who else may wake it |
//! | `graph` | finds the cycle among what the probes say; pure |
//! | `watch` | the task of a node that probes, fails the call, or warns |

mod graph;
mod path;
mod probe;
mod watch;

use std::num::NonZeroU32;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};

use tokio::time::Instant;

pub use path::{WaitPath, Waiter};
pub(crate) use probe::{Probe, report};
pub(crate) use watch::{Occasion, Waits};

use super::any_cell::Head;
use super::{Node, Pid};

/// How far a hint is followed; a longer cycle is found when its calls have waited for a while.
const HOPS: u32 = 64;

/// A call, as the process that waits for it tells.
#[derive(Clone)]
pub(crate) struct Wait {
    pub(crate) callee: Pid,
    pub(crate) call: Weak<dyn Awaited>,
}

/// A call that somebody waits for.
pub(crate) trait Awaited: Send + Sync {
    /// Whether both ends are there and it has no outcome.
    fn is_open(self: Arc<Self>) -> bool;
    /// Whether nobody but the callee, between two handlers or at the end of its present one, can answer it.
    fn is_held_by_callee(&self) -> bool;
    fn deadline(&self) -> Option<Instant>;
    /// Ends it: it is part of a cycle.
    fn fail(&self, path: &WaitPath);
}

impl Head {
    /// The process calls `callee` and waits.
    pub(crate) fn hint_waiting(&self, callee: Pid) {
        self.waiting_on.store(callee.id(), Ordering::Relaxed);
    }

    /// Whether it waits for anybody.
    pub(crate) fn hints_waiting(&self) -> bool {
        self.waiting_on.load(Ordering::Relaxed) != 0
    }

    /// The call to `callee` is over.
    pub(crate) fn hint_done(&self, callee: Pid) {
        if self.waiting_on.load(Ordering::Relaxed) == callee.id() {
            self.waiting_on.store(0, Ordering::Relaxed);
        }
    }
}

/// Whether following the hints from `callee` leads to `caller`.
///
/// Hints are neither complete nor certain. They are written without ordering: along a chain of nested calls each hint
/// happens before the message that carries on, and cycles that close in a race are found later.
pub(crate) fn may_be_cycle(node: &Node, caller: Pid, callee: &Head) -> bool {
    let mut next = callee.waiting_on.load(Ordering::Relaxed);
    for _ in 0..HOPS {
        if next == 0 {
            return false;
        }
        if next == caller.id() {
            return true;
        }
        let process = NonZeroU32::new(next).and_then(|id| node.process_at(id));
        next = process.map_or(0, |process| process.head().waiting_on.load(Ordering::Relaxed));
    }
    false
}
