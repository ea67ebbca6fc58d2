//! Signals of processes of this node, to wherever the others are.

use std::sync::Arc;

use super::any_cell::SentBy;
use super::remote::{Far, Remote};
use super::{ExitReason, MonitorRef, Node, Pid};

impl Node {
    /// The way to the node of `pid`, if that is another and there is one.
    pub(super) fn remote_of(&self, pid: Pid) -> Option<&Arc<dyn Remote>> {
        self.remote().filter(|_| pid.is_far())
    }

    /// Links `to` to `from`, which remembers the link already; or why that cannot be.
    pub(super) fn link_to(&self, from: Pid, to: Pid) -> Result<(), ExitReason> {
        if to.is_far() {
            return self.remote().map(|remote| remote.link(from, to)).ok_or(ExitReason::NoConnection);
        }
        let linked = self.process(to).is_some_and(|other| other.link(from));
        if linked { Ok(()) } else { Err(ExitReason::NoProc) }
    }

    /// Ends a link that `from` has forgotten already.
    pub(super) fn unlink_from(&self, from: Pid, to: Pid) {
        if let Some(remote) = self.remote_of(to) {
            remote.unlink(from, to);
        } else if let Some(other) = self.process(to) {
            other.unlink(from);
        }
    }

    /// Tells `to`, linked to `from`, that this ended.
    pub(super) fn tell_link(&self, from: Pid, to: Pid, reason: &ExitReason) {
        if let Some(remote) = self.remote_of(to) {
            remote.link_exit(from, to, reason);
        } else if let Some(other) = self.process(to) {
            other.exit_signal(from, reason.clone(), SentBy::Link);
        }
    }

    /// Has `target` tell its end to `by`, which knows the monitor already; or why it ends at once.
    pub(super) fn watch_for(&self, monitor: MonitorRef, by: Pid, target: &Far) -> Result<(), ExitReason> {
        match target {
            Far::Pid(pid) if !pid.is_far() => {
                let watched = self.process(*pid).is_some_and(|other| other.monitored(monitor, by));
                if watched { Ok(()) } else { Err(ExitReason::NoProc) }
            }
            Far::Pid(_) | Far::Name { .. } => self
                .remote()
                .map(|remote| remote.monitor(monitor, by, target))
                .ok_or(ExitReason::NoConnection),
        }
    }

    /// Ends a monitor that `by` has forgotten already.
    pub(super) fn unwatch_for(&self, monitor: MonitorRef, by: Pid, target: &Far) {
        match target {
            Far::Pid(pid) if !pid.is_far() => {
                if let Some(other) = self.process(*pid) {
                    other.not_monitored(monitor);
                }
            }
            Far::Pid(_) | Far::Name { .. } => {
                if let Some(remote) = self.remote() {
                    remote.demonitor(monitor, by, target);
                }
            }
        }
    }

    /// Tells `by`, which monitors `target`, that this ended.
    pub(super) fn tell_monitor(&self, monitor: MonitorRef, by: Pid, target: Pid, reason: &ExitReason) {
        if let Some(remote) = self.remote_of(by) {
            remote.down(monitor, by, target, reason);
        } else if let Some(by) = self.process(by) {
            by.down(monitor, reason.clone());
        }
    }
}
