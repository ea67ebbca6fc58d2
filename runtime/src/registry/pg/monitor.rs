//! Being told who joins and leaves.

use std::collections::VecDeque;
use std::fmt;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::Notify;

use super::scope::Scope;
use crate::process::{MonitorRef, Pid, Place};

/// Processes joined or left a group.
///
/// Source: OTP pg(3), `{Ref, join | leave, Group, Pids}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// They joined, each once for each time it stands here.
    Join {
        /// The name of the group.
        group: Arc<str>,
        /// Who.
        pids: Arc<[Pid]>,
    },
    /// They left or ended.
    Leave {
        /// The name of the group.
        group: Arc<str>,
        /// Who.
        pids: Arc<[Pid]>,
    },
}

/// What a monitor has still to be told, in order.
///
/// Changes are queued under the lock of their group, which gives them their order, and delivered with no lock held.
pub(super) struct Outbox {
    pub(super) id: MonitorRef,
    /// Nothing when it monitors the whole scope.
    pub(super) group: Option<Arc<str>>,
    queue: Mutex<Queue>,
    sink: Sink,
}

#[derive(Default)]
struct Queue {
    changes: VecDeque<Change>,
    /// Somebody delivers what is queued.
    is_delivering: bool,
}

pub(super) enum Sink {
    /// A [`Monitor`] takes the changes itself.
    Stream(Notify),
    /// This server gets them as messages.
    Server { pid: Pid, send: Box<dyn Fn(Change) + Send + Sync> },
}

impl Outbox {
    pub(super) fn new(id: MonitorRef, group: Option<Arc<str>>, sink: Sink) -> Arc<Self> {
        Arc::new(Self { id, group, queue: Mutex::default(), sink })
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The server that is told, if it is one.
    pub(super) fn server(&self) -> Option<Pid> {
        match &self.sink {
            Sink::Stream(_) => None,
            Sink::Server { pid, .. } => Some(*pid),
        }
    }

    pub(super) fn push(&self, change: Change) {
        self.queue().changes.push_back(change);
    }

    /// Delivers what is queued, unless somebody does already and will see to it.
    pub(super) fn deliver(&self) {
        let send = match &self.sink {
            Sink::Stream(changed) => return changed.notify_one(),
            Sink::Server { send, .. } => send,
        };
        loop {
            let changes = {
                let mut queue = self.queue();
                if queue.is_delivering || queue.changes.is_empty() {
                    return;
                }
                queue.is_delivering = true;
                mem::take(&mut queue.changes)
            };
            let _delivering = Delivering(self);
            changes.into_iter().for_each(send);
        }
    }
}

/// Lets others deliver when it is dropped, also when a conversion of the user's panicked.
struct Delivering<'a>(&'a Outbox);

impl Drop for Delivering<'_> {
    fn drop(&mut self) {
        self.0.queue().is_delivering = false;
    }
}

/// Tells who joins and leaves, from the moment at which it was made; dropping it ends it.
///
/// Source: OTP pg(3), `monitor/2`, `monitor_scope/1`.
#[must_use = "dropping a monitor ends it"]
pub struct Monitor {
    outbox: Arc<Outbox>,
    scope: Arc<Scope>,
}

impl Monitor {
    pub(super) fn new(outbox: Arc<Outbox>, scope: Arc<Scope>) -> Self {
        Self { outbox, scope }
    }

    /// The next change, in the order in which they happened.
    ///
    /// # Cancel safety
    /// Nothing is lost when the future is dropped.
    pub async fn next(&mut self) -> Change {
        loop {
            if let Some(change) = self.try_next() {
                return change;
            }
            if let Sink::Stream(changed) = &self.outbox.sink {
                changed.notified().await;
            }
        }
    }

    /// The next change, if it has happened already.
    pub fn try_next(&mut self) -> Option<Change> {
        self.outbox.queue().changes.pop_front()
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        self.scope.demonitor(self.outbox.id);
    }
}

impl fmt::Debug for Monitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Monitor")
            .field("id", &self.outbox.id)
            .field("group", &self.outbox.group)
            .finish_non_exhaustive()
    }
}

/// The monitor of a server, which ends with it.
pub(super) struct Watching {
    pub(super) id: MonitorRef,
    pub(super) scope: Weak<Scope>,
}

impl Place for Watching {
    fn lost(self: Arc<Self>, _pid: Pid) {
        if let Some(scope) = self.scope.upgrade() {
            scope.demonitor(self.id);
        }
    }
}
