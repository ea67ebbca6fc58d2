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
    /// What is known of the memory that it takes.
    pub memory: Memory,
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
            memory: process.memory(),
            mailbox: process.mailbox(),
            links: process.links(),
            monitors,
            monitored_by,
            trap_exit: process.traps_exits(),
        }
    }
}

/// The memory of a process, in bytes, without what its state and its messages own elsewhere.
///
/// Differs: what a process of OTP has lies in its own heap, and all of it is counted; in Rust nobody counts it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Memory {
    /// The part that others see: name, links, monitors, and what else there is in every process.
    pub cell: usize,
    /// Its task, in which its state lies; 0 until it has run for the first time.
    pub task: usize,
    /// The queue of its mailbox, with the places that are free.
    pub mailbox: usize,
}

impl Memory {
    /// All of it.
    pub fn total(&self) -> usize {
        self.cell + self.task + self.mailbox
    }
}

#[cfg(test)]
mod tests {
    use crate::process::any_cell::SentBy;
    use crate::process::{ExitReason, Node, Pid, spawn};

    #[test]
    fn the_state_of_a_process_and_its_mailbox_are_in_its_memory() {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let node = Node::new("test");
        runtime.expect("a tokio runtime").block_on(node.scope(async {
            let state = [7_u8; 4000];
            let holds = async move {
                std::future::pending::<()>().await;
                std::hint::black_box(&state);
            };
            let pid = spawn(holds).expect("a node");
            let memory = || node.process_info(pid).expect("alive").memory;
            assert_eq!((memory().task, memory().mailbox), (0, 0), "it has not run");
            tokio::task::yield_now().await;
            assert!((4000..8500).contains(&memory().task), "{:?}", memory());
            assert_eq!(memory().total(), memory().cell + memory().task);
            let process = node.process(pid).expect("alive");
            process.trap_exit(true);
            process.exit_signal(Pid::nth(9), ExitReason::error("kept"), SentBy::Process);
            assert!(memory().mailbox > 0, "{:?}", memory());
        }));
    }
}
