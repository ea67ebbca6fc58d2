//! Processes: what runs, what it is called, and what it is told about the end of others.
//!
//! A process is one task with a mailbox. It shares no state: others know its [`Pid`] and send it messages.
//! When it panics it ends, its links and monitors are told, and nothing else happens: its supervisor decides.
//!
//! This is the core: it knows nothing of GenServers, supervisors, applications, or other nodes.
//!
//! | what | where |
//! |---|---|
//! | identity | [`Pid`], [`MonitorRef`] |
//! | plain processes | [`spawn()`], [`spawn_link`], [`spawn_monitor`], [`receive()`] |
//! | ends | [`ExitReason`], [`Exit`], [`Down`], [`link()`], [`monitor`] |
//! | answers that may come too late | [`Alias`], [`alias()`], [`unalias`] |
//! | what processes share | [`Node`], [`GroupLeader`] |
//! | how much waits for a process | [`Mailbox`], [`Overflow`] |
//! | until when a process works for its caller | [`deadline()`], [`with_deadline`] |
//! | processes that do not give way | [`Node::set_long_schedule`] |

mod alias;
mod any_cell;
mod arrivals;
mod attentive;
mod cell;
mod clock;
mod control;
mod crash;
mod current;
mod deadline;
mod exit_reason;
pub(crate) mod export;
mod extensions;
pub(crate) mod far_alias;
mod format;
mod group_leader;
#[cfg(test)]
pub(crate) mod heard;
mod hold;
mod id_hash;
#[expect(dead_code, reason = "`dist` brings the messages of other nodes")]
pub(crate) mod incoming;
mod info;
mod kind;
mod label;
mod link;
mod long_schedule;
mod mailbox;
mod monitors;
mod node;
mod nodes;
mod own_timers;
mod panic;
mod pid;
mod pid_serde;
mod place;
mod placement;
mod plain;
mod reach;
mod receive;
mod relations;
pub(crate) mod remote;
mod signal;
mod slots;
mod spawn;
mod state;
pub(crate) mod sync;
mod table;
mod timer;
pub(crate) mod traffic;
mod wait_exit;
mod waits;
#[cfg(test)]
pub(crate) mod wire;

#[cfg(test)]
mod far_tests;
#[cfg(all(test, umbrella_loom))]
pub(crate) mod models;
#[cfg(test)]
mod tests;

pub use alias::{Alias, AliasError, alias, monitor_alias, receive_alias, reply_alias, unalias};
pub use control::StateText;
pub use deadline::{deadline, with_deadline};
pub use exit_reason::{ExitReason, Panic};
pub use export::{Arguments, Export, SpawnError, spawn_link_on, spawn_monitor_on, spawn_on};
pub use group_leader::{Crash, GroupLeader, Incident, IncidentKind};
pub(crate) use id_hash::IdHash;
pub use info::{Memory, ProcessInfo};
pub use link::{
    NotAProcess, demonitor, exit, kill, link, monitor, monitor_name, self_pid, trap_exit, unlink, wait_exit,
};
pub use mailbox::{Mailbox, MailboxInfo, Overflow};
pub use monitors::MonitorAlias;
pub use node::Node;
pub use pid::{MonitorRef, Pid};
pub use placement::Routing;
pub use plain::{IntoExitReason, NoNode, spawn, spawn_link, spawn_monitor};
pub use receive::{Signal, receive, receive_down};
pub use signal::{Down, Exit};
pub use timer::TimerRef;
pub(crate) use timer::later;
pub use waits::{WaitPath, Waiter};

pub(crate) use alias::Open;
pub(crate) use any_cell::{AnyCell, Head};
pub(crate) use cell::Cell;
pub(crate) use clock::{Clock, Epoch, Now};
pub(crate) use control::{Control, Counts, Handling, Hibernation, Lane, Tap, Traced};
pub(crate) use crash::report_handler;
pub(crate) use current::{Current, WakerId};
pub(crate) use deadline::{BRIEF, NEVER};
pub(crate) use kind::{Handler, Kind};
pub(crate) use link::{flush_exits, unlink_flush};
pub(crate) use mailbox::{Delivery, Refused};
pub(crate) use node::WeakNode;
pub(crate) use nodes::{NodeEvent, NodeId};
pub(crate) use panic::{attempt, describe as describe_panic, note_last_message, note_state};
pub(crate) use place::Place;
pub(crate) use placement::{Instance, StableHasher, Underway, hash};
pub(crate) use plain::spawn_linked_to;
pub(crate) use signal::{Envelope, SystemMessage};
pub(crate) use spawn::{Spawn, begin, discard, end_before_it_ran, go_on, link_to_parent, run};
pub(crate) use wait_exit::WaitExit;
pub(crate) use waits::{Awaited, Occasion, Wait, may_be_cycle, report as report_wait};

/// Who runs right now; see `current`.
pub(crate) mod running {
    pub(crate) use super::current::{is, is_discarding, keep_while_unwinding, with, with_node};
    pub(crate) use super::deadline::{answered, due, received, serve_nobody, serve_until};
}
