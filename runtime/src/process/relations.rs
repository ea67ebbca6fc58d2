//! Who is told when a process ends, and whom it watches itself.

use std::collections::{HashMap, HashSet};
use std::task::Waker;

use tokio::sync::oneshot;

use super::cell::AnyCell;
use super::{ExitReason, MonitorRef, Pid};

/// The links and monitors of one process.
///
/// Most processes have one link, to their supervisor, and nothing else: that one needs no allocation.
/// A supervisor may have a million.
#[derive(Default)]
pub(crate) struct Relations {
    link: Option<Pid>,
    more: Option<Box<More>>,
}

#[derive(Default)]
struct More {
    links: HashSet<Pid>,
    watchers: Vec<Watcher>,
    monitors: HashMap<MonitorRef, Pid>,
    /// Futures of this process that wait for what it is told about the ends of others.
    receivers: Vec<Waker>,
}

/// Who is told when the process ends, beside its links.
pub(crate) enum Watcher {
    /// A process that holds a monitor.
    Process { monitor: MonitorRef, pid: Pid },
    /// A future that waits for the end.
    Future(oneshot::Sender<ExitReason>),
}

/// Resolves with the reason when `process` ends, or at once if it has.
pub(crate) fn watch_exit(process: &dyn AnyCell) -> oneshot::Receiver<ExitReason> {
    let (sender, receiver) = oneshot::channel();
    if let Err(Watcher::Future(sender)) = process.watch(Watcher::Future(sender)) {
        drop(sender.send(process.exit_reason().unwrap_or(ExitReason::NoProc)));
    }
    receiver
}

impl Relations {
    fn more(&mut self) -> &mut More {
        self.more.get_or_insert_default()
    }

    pub(crate) fn link(&mut self, other: Pid) {
        match self.link {
            None => self.link = Some(other),
            Some(linked) if linked == other => {}
            Some(_) => {
                self.more().links.insert(other);
            }
        }
    }

    pub(crate) fn unlink(&mut self, other: Pid) -> bool {
        if self.link == Some(other) {
            self.link = None;
            return true;
        }
        self.more.as_mut().is_some_and(|more| more.links.remove(&other))
    }

    pub(crate) fn links(&self) -> Vec<Pid> {
        self.link.iter().chain(self.more.iter().flat_map(|more| &more.links)).copied().collect()
    }

    pub(crate) fn watch(&mut self, watcher: Watcher) {
        let watchers = &mut self.more().watchers;
        if watchers.len() == watchers.capacity() {
            // Futures that stopped waiting leave their senders behind; drop them before growing.
            watchers.retain(|watcher| !matches!(watcher, Watcher::Future(sender) if sender.is_closed()));
        }
        watchers.push(watcher);
    }

    pub(crate) fn unwatch(&mut self, gone: MonitorRef) {
        if let Some(more) = &mut self.more {
            more.watchers
                .retain(|watcher| !matches!(watcher, Watcher::Process { monitor, .. } if *monitor == gone));
        }
    }

    /// Wakes `waker` when the process is told of an end.
    pub(crate) fn received_by(&mut self, waker: &Waker) {
        let receivers = &mut self.more().receivers;
        if !receivers.iter().any(|known| known.will_wake(waker)) {
            receivers.push(waker.clone());
        }
    }

    pub(crate) fn take_receivers(&mut self) -> Vec<Waker> {
        self.more.as_mut().map_or_else(Vec::new, |more| std::mem::take(&mut more.receivers))
    }

    pub(crate) fn monitoring(&mut self, monitor: MonitorRef, target: Pid) {
        self.more().monitors.insert(monitor, target);
    }

    pub(crate) fn stop_monitoring(&mut self, monitor: MonitorRef) -> Option<Pid> {
        self.more.as_mut().and_then(|more| more.monitors.remove(&monitor))
    }

    /// Takes the watchers and the monitors held, leaving only the links.
    pub(crate) fn take_monitors(&mut self) -> (Vec<Watcher>, HashMap<MonitorRef, Pid>) {
        match &mut self.more {
            Some(more) => (std::mem::take(&mut more.watchers), std::mem::take(&mut more.monitors)),
            None => Default::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_exists_once_however_often_it_is_made() {
        let (a, b) = (Pid::local(1, 1), Pid::local(2, 1));
        let mut relations = Relations::default();
        for pid in [a, a, b, b] {
            relations.link(pid);
        }
        assert_eq!(relations.links(), [a, b]);
        assert!(relations.unlink(a) && relations.unlink(b));
        assert!(!relations.unlink(a) && !relations.unlink(b));
        assert!(relations.links().is_empty());
    }
}
