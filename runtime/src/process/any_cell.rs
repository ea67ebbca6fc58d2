//! A process as others see it: what is fixed about it, and what can be done to it whatever messages it takes.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Poll, Waker};

use super::control::{Attention, Lane};
use super::info::Memory;
use super::kind::Kind;
use super::mailbox::MailboxInfo;
use super::monitors::Monitors;
use super::place::Places;
use super::relations::Relations;
use super::remote::Far;
use super::signal::{SystemMessage, Wanted};
use super::state::TaskSize;
use super::sync::{AtomicBool, AtomicU8, AtomicU32, AtomicU64};
use super::{ExitReason, GroupLeader, MonitorRef, Node, Pid};

/// What is fixed when a process is spawned.
pub(crate) struct Head {
    pub(crate) pid: Pid,
    pub(crate) parent: Option<Pid>,
    pub(crate) node: Node,
    pub(crate) leader: Arc<GroupLeader>,
    kind: &'static Kind,
    /// Until when the node's timer is known to wake this process; see `timer`.
    pub(crate) armed_until: AtomicU64,
    /// What cannot wait for the mailbox, an [`Attention`]; read before every message without taking the lock.
    attention: AtomicU8,
    /// No message but a queued one holds a call that has not begun.
    begins_calls: AtomicBool,
    /// Started with a link: the exit of its parent ends it.
    linked_to_parent: AtomicBool,
    /// Whom it calls and waits for, if it does; see `waits`.
    pub(super) waiting_on: AtomicU32,
}

impl Head {
    pub(crate) fn new(
        pid: Pid,
        node: Node,
        parent: Option<Pid>,
        leader: Arc<GroupLeader>,
        kind: &'static Kind,
    ) -> Self {
        Self {
            pid,
            parent,
            node,
            leader,
            kind,
            armed_until: AtomicU64::new(u64::MAX),
            attention: AtomicU8::new(0),
            begins_calls: AtomicBool::new(false),
            linked_to_parent: AtomicBool::new(false),
            waiting_on: AtomicU32::new(0),
        }
    }

    /// The name of its type.
    pub(crate) fn label(&self) -> &'static str {
        (self.kind.label)()
    }

    pub(crate) fn kind(&self) -> &'static Kind {
        self.kind
    }

    /// Whether it begins with every call as it takes it from its mailbox, as handlers written by macros do.
    pub(super) fn begins_calls(&self) -> bool {
        self.begins_calls.load(Ordering::Relaxed)
    }

    pub(crate) fn set_begins_calls(&self, begins: bool) {
        self.begins_calls.store(begins, Ordering::Relaxed);
    }

    pub(super) fn set_linked_to_parent(&self) {
        self.linked_to_parent.store(true, Ordering::Relaxed);
    }

    /// Whether an exit signal of `from` is one of the process that this one was started with a link to.
    pub(crate) fn is_parent(&self, from: Pid) -> bool {
        self.parent == Some(from) && self.linked_to_parent.load(Ordering::Relaxed)
    }

    /// What the process must look at before its next message.
    pub(crate) fn attention(&self) -> Attention {
        Attention(self.attention.load(Ordering::Acquire))
    }

    pub(super) fn set_attention(&self, attention: Attention) {
        self.attention.store(attention.0, Ordering::Release);
    }
}

/// A process whose message type is not known: what links, monitors, and signals work on.
pub(crate) trait AnyCell: Any + Send + Sync {
    fn head(&self) -> &Head;

    /// An exit signal with `reason` from `from`.
    fn exit_signal(&self, from: Pid, reason: ExitReason, sent_by: SentBy);
    /// Ends the process unconditionally, with [`ExitReason::Killed`].
    fn kill(&self);
    /// A monitor held by this process fired, unless it is held no more.
    fn down(&self, monitor: MonitorRef, reason: ExitReason);

    /// Links to `other`; false when this process has ended.
    fn link(&self, other: Pid) -> bool;
    /// Removes the link and says whether there was one.
    fn unlink(&self, other: Pid) -> bool;
    /// Takes the first message that is `wanted` out of the mailbox; if there is none, `waker` is woken by the next.
    fn take_system(&self, wanted: Wanted<'_>, waker: Option<&Waker>) -> Option<SystemMessage>;
    /// Remembers that `by` monitors this process; false when its end has been told to those before.
    fn monitored(&self, monitor: MonitorRef, by: Pid) -> bool;
    fn not_monitored(&self, monitor: MonitorRef);
    /// Remembers that this process monitors `target`.
    fn monitoring(&self, monitor: MonitorRef, target: Far);
    /// Forgets a monitor and says whom it watched, if it has not fired.
    fn stop_monitoring(&self, monitor: MonitorRef) -> Option<Far>;

    /// Lets `change` change the monitors and aliases that this process holds, under its lock.
    fn with_monitors(&self, change: &mut dyn FnMut(&mut Monitors));
    /// A message for this process through one of its aliases; dropped if that is not active.
    fn send_through(&self, alias: MonitorRef, message: Box<dyn Any + Send>);

    /// Ready once the end of the process has been told to its links and monitors; pending wakes `waker` then, if it is
    /// not `registered` already.
    fn poll_exit(&self, waker: &Waker, registered: &mut Option<Waker>) -> Poll<ExitReason>;
    fn not_awaited(&self, waker: &Waker);
    /// Ready once its `init` succeeded, or with the reason once it has ended without.
    fn poll_started(&self, waker: &Waker) -> Poll<Result<(), ExitReason>>;

    /// Lets `look` see the places of the process, under its lock.
    fn with_places(&self, look: &mut dyn FnMut(Places<'_>));

    fn trap_exit(&self, trap: bool);
    fn exit_reason(&self) -> Option<ExitReason>;
    fn queued(&self) -> usize;
    fn memory(&self) -> Memory;
    /// How many messages it has taken from its mailbox.
    fn taken(&self) -> u64;
    /// The books of a mailbox with bounds.
    fn mailbox(&self) -> Option<MailboxInfo>;
    fn links(&self) -> Vec<Pid>;
    /// The processes that it monitors by their pids, and those that monitor it.
    fn monitors_both_ways(&self) -> (Vec<Pid>, Vec<Pid>);
    fn traps_exits(&self) -> bool;
    /// The name it is registered under.
    fn name(&self) -> Option<Arc<str>>;
    /// Names it, once, before it runs.
    fn set_name(&self, name: Arc<str>);
    /// Changes the control lane and wakes the process if `change` says that it must look; false if it has ended.
    fn with_lane(&self, change: &mut dyn FnMut(&mut Lane) -> bool) -> bool;
    /// The callback that runs; nothing while the process waits for a message.
    fn handler(&self) -> Option<&'static str>;
    /// Answers what can be answered while a handler awaits something.
    fn answer_while_busy(&self);
    /// Wakes the process without a message, so that what it awaits looks at the clock.
    fn wake(&self);
    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;

    /// Remembers how to wake the process, and how big its task is. Neither changes, so this is called once.
    fn set_task(&self, waker: Waker, size: TaskSize);
    /// Has the process polled with the probe that waits for it; see `waits`.
    fn probe(&self);
    /// The exit signal that must end this process now, if one came; nothing is urgent any more.
    fn take_fatal(&self) -> Option<ExitReason>;
    /// Ends the process: from here on nothing reaches it and everybody sees `reason`. Gives who waited first, to be
    /// woken once all others are told.
    fn end(&self, reason: ExitReason) -> Option<Waker>;
    /// Who is to be told of the end. Until now others could begin to watch: whoever learns of the end finds the name
    /// of the process free and its state dropped.
    fn take_relations(&self) -> Relations;
    /// Drops the messages of an ended process; dropping one drops its `ReplyTo`, which fails a call.
    fn drop_messages(&self);
}

impl dyn AnyCell {
    /// The registered name, or the name of the type.
    pub(crate) fn display_name(&self) -> Arc<str> {
        self.name().unwrap_or_else(|| self.head().label().into())
    }
}

/// Who sent an exit signal: OTP ignores `normal` from either, but treats `exit(self(), normal)` as an exit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum SentBy {
    /// A linked process that ended.
    Link,
    /// `exit/2`.
    Process,
}
