//! What can be seen of a process from outside.

use super::Pid;
use super::any_cell::AnyCell;
use super::mailbox::MailboxInfo;

/// A look at one process.
///
/// Source: OTP `erlang:process_info/1`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ProcessInfo {
    /// Which process.
    pub pid: Pid,
    /// The name it is registered under.
    pub name: Option<String>,
    /// The name of its type.
    pub label: &'static str,
    /// The process that spawned it.
    pub parent: Option<Pid>,
    /// The application it belongs to.
    pub application: String,
    /// Messages that wait in its mailbox.
    pub queued: usize,
    /// Messages that it has taken from its mailbox: between two looks, how busy it was.
    ///
    /// Differs: OTP counts reductions, which are calls of functions; nobody counts those of Rust.
    pub taken: u64,
    /// The bounds of its mailbox and what came of them, if it has any.
    pub mailbox: Option<MailboxInfo>,
    /// The processes it is linked to.
    pub links: Vec<Pid>,
    /// The processes that it monitors by their pids.
    pub monitors: Vec<Pid>,
    /// The processes that monitor it.
    pub monitored_by: Vec<Pid>,
    /// Whether it traps exits.
    pub trap_exit: bool,
}

impl ProcessInfo {
    pub(crate) fn of(process: &dyn AnyCell) -> Self {
        let head = process.head();
        let (monitors, monitored_by) = process.monitors_both_ways();
        Self {
            pid: head.pid,
            name: process.name().map(|name| name.to_string()),
            label: head.label(),
            parent: head.parent,
            application: head.leader.name().to_owned(),
            queued: process.queued(),
            taken: process.taken(),
            mailbox: process.mailbox(),
            links: process.links(),
            monitors,
            monitored_by,
            trap_exit: process.traps_exits(),
        }
    }
}
