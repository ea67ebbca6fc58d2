//! Signals of processes of other nodes, as they arrive: what `dist` asks of the processes of this one.
//!
//! None of it waits. A signal for a process that has ended is dropped, except where the answer says that it must be told.
//!
//! | signal | here | if not |
//! |---|---|---|
//! | LINK | [`Node::link_arrived`] | EXIT with `noproc` to the sender |
//! | UNLINK_ID | [`Node::unlink_arrived`], then UNLINK_ID_ACK, whatever it found | |
//! | EXIT, a lost connection | [`Node::link_exit_arrived`] | |
//! | EXIT2 | [`Node::exit_arrived`], [`Node::kill_arrived`] for the reason `kill` | |
//! | MONITOR_P | [`Node::monitor_arrived`], after `whereis` for a name | MONITOR_P_EXIT with `noproc` |
//! | DEMONITOR_P | [`Node::demonitor_arrived`] | |
//! | MONITOR_P_EXIT, a lost connection | [`Node::down_arrived`] | |
//!
//! A process that has unlinked drops the exit signal that was on its way. A LINK that was on its way cannot be told from a
//! new one here: the connection drops it while its UNLINK_ID is not acknowledged.

use super::any_cell::SentBy;
use super::{ExitReason, MonitorRef, Node, Pid};

impl Node {
    /// `from` links to `to`; false if there is no such process, which `from` is to be told.
    pub(crate) fn link_arrived(&self, from: Pid, to: Pid) -> bool {
        self.process(to).is_some_and(|process| process.link(from))
    }

    /// `from` has ended its link to `to`.
    pub(crate) fn unlink_arrived(&self, from: Pid, to: Pid) {
        if let Some(process) = self.process(to) {
            process.unlink(from);
        }
    }

    /// `from`, linked to `to`, ended, or its node is lost. Nothing if `to` has unlinked meanwhile.
    pub(crate) fn link_exit_arrived(&self, from: Pid, to: Pid, reason: ExitReason) {
        if let Some(process) = self.process(to) {
            process.exit_signal(from, reason, SentBy::Link);
        }
    }

    /// `from` wants `to` to end.
    pub(crate) fn exit_arrived(&self, from: Pid, to: Pid, reason: ExitReason) {
        if let Some(process) = self.process(to) {
            process.exit_signal(from, reason, SentBy::Process);
        }
    }

    /// Somebody kills `to`.
    pub(crate) fn kill_arrived(&self, to: Pid) {
        if let Some(process) = self.process(to) {
            process.kill();
        }
    }

    /// `by` monitors `target`; false if there is no such process, which `by` is to be told.
    ///
    /// `monitor` is one of this node's [references](Self::next_reference), which the connection has for that of `by`.
    pub(crate) fn monitor_arrived(&self, monitor: MonitorRef, by: Pid, target: Pid) -> bool {
        self.process(target).is_some_and(|process| process.monitored(monitor, by))
    }

    /// The end of a monitor that arrived before.
    pub(crate) fn demonitor_arrived(&self, monitor: MonitorRef, target: Pid) {
        if let Some(process) = self.process(target) {
            process.not_monitored(monitor);
        }
    }

    /// What `by` monitors has ended, or its node is lost. Nothing if `by` has given the monitor up meanwhile.
    pub(crate) fn down_arrived(&self, monitor: MonitorRef, by: Pid, reason: ExitReason) {
        if let Some(process) = self.process(by) {
            process.down(monitor, reason);
        }
    }
}
