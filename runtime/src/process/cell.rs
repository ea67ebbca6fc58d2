//! The shared part of a process: its mailbox and its relations, behind one lock.
//!
//! Everything another process can do to a process goes through here: sending, exit signals, links, monitors.
//! The lock is held for a few instructions and never while user code runs or another cell is touched, so there is no
//! lock order to keep.

use std::any::Any;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Poll, Waker};

use super::relations::{Relations, Watcher};
use super::signal::{SystemMessage, Wanted};
use super::{Down, Exit, ExitReason, GroupLeader, MonitorRef, Node, Pid};

/// What is fixed when a process is spawned.
pub(crate) struct Head {
    pub(crate) pid: Pid,
    pub(crate) node: Node,
    pub(crate) parent: Option<Pid>,
    pub(crate) leader: Arc<GroupLeader>,
    /// The name of its type, for reports.
    pub(crate) label: &'static str,
    /// The name it is registered under, set at most once and before it runs.
    pub(crate) name: OnceLock<Arc<str>>,
    /// Something that cannot wait for the mailbox happened; read before every message without taking the lock.
    urgent: AtomicBool,
    /// Until when the node's timer is known to wake this process; see `timer`.
    pub(crate) armed_until: AtomicU64,
}

impl Head {
    pub(crate) fn new(
        pid: Pid,
        node: Node,
        parent: Option<Pid>,
        leader: Arc<GroupLeader>,
        label: &'static str,
    ) -> Self {
        Self {
            pid,
            node,
            parent,
            leader,
            label,
            name: OnceLock::new(),
            urgent: AtomicBool::new(false),
            armed_until: AtomicU64::new(u64::MAX),
        }
    }

    /// The registered name, or the name of the type.
    pub(crate) fn display_name(&self) -> &str {
        self.name.get().map_or(self.label, |name| name)
    }
}

/// A process that takes messages of type `M`.
pub(crate) struct Cell<M> {
    head: Head,
    state: Mutex<State<M>>,
}

struct State<M> {
    /// Set when the process has ended; nothing is accepted from then on.
    exited: Option<ExitReason>,
    /// Set when those who watch are about to be told of the end; nobody can begin to watch from then on.
    told: bool,
    /// An exit signal that ends the process at its next await, whatever it is doing.
    fatal: Option<ExitReason>,
    trap_exit: bool,
    /// The process waits for a message; a sender wakes it.
    parked: bool,
    waker: Option<Waker>,
    messages: VecDeque<Envelope<M>>,
    relations: Relations,
}

/// One entry of a mailbox.
pub(crate) enum Envelope<M> {
    Message(M),
    /// Boxed because it is rare: a mailbox slot stays the size of the server's own messages.
    System(Box<SystemMessage>),
}

/// What an ended process leaves behind, to be told to others once its name is free.
pub(crate) struct Remains<M> {
    pub(crate) reason: ExitReason,
    pub(crate) messages: VecDeque<Envelope<M>>,
}

impl<M: Send + 'static> Cell<M> {
    pub(crate) fn new(head: Head) -> Self {
        Self {
            head,
            state: Mutex::new(State {
                exited: None,
                told: false,
                fatal: None,
                trap_exit: false,
                parked: false,
                waker: None,
                messages: VecDeque::new(),
                relations: Relations::default(),
            }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State<M>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues `message`, or gives it back when the process has ended.
    pub(crate) fn send(&self, message: M) -> Result<(), M> {
        let waker = {
            let mut state = self.state();
            if state.exited.is_some() {
                return Err(message);
            }
            state.messages.push_back(Envelope::Message(message));
            state.unpark()
        };
        wake(waker);
        Ok(())
    }

    fn push_system(&self, message: SystemMessage) {
        let wakers = {
            let mut state = self.state();
            if state.exited.is_some() {
                return;
            }
            state.push_system(message)
        };
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Takes the next message; pending parks the process.
    pub(crate) fn poll_receive(&self) -> Poll<Envelope<M>> {
        let mut state = self.state();
        match state.messages.pop_front() {
            Some(envelope) => Poll::Ready(envelope),
            None => {
                // An idle process keeps no buffer from a busy past.
                if state.messages.capacity() > RETAINED_CAPACITY {
                    state.messages = VecDeque::new();
                }
                state.parked = true;
                Poll::Pending
            }
        }
    }

    /// The exit signal that must end this process now, if one came.
    pub(crate) fn take_fatal(&self) -> Option<ExitReason> {
        if self.head.urgent.load(Ordering::Acquire) { self.state().fatal.take() } else { None }
    }

    /// Whether an exit signal waits to end this process.
    pub(crate) fn is_urgent(&self) -> bool {
        self.head.urgent.load(Ordering::Acquire)
    }

    /// Remembers how to wake the process. The waker of a task does not change, so this is called once.
    pub(crate) fn set_waker(&self, waker: Waker) {
        self.state().waker = Some(waker);
    }

    /// Ends the process: from here on nothing reaches it and everybody sees `reason`.
    pub(crate) fn end(&self, reason: ExitReason) -> Remains<M> {
        let mut state = self.state();
        state.exited = Some(reason.clone());
        state.waker = None;
        Remains { reason, messages: std::mem::take(&mut state.messages) }
    }

    /// Who is to be told of the end. Until now others could begin to watch: whoever learns of the end finds the name
    /// of the process free and its state dropped.
    pub(crate) fn take_relations(&self) -> Relations {
        let mut state = self.state();
        state.told = true;
        std::mem::take(&mut state.relations)
    }
}

/// A mailbox that once held more than this many messages gives its memory back when it runs empty.
const RETAINED_CAPACITY: usize = 64;

impl<M> State<M> {
    /// Queues `message` and says whom to wake: the loop, and whoever waits for signals elsewhere in the process.
    fn push_system(&mut self, message: SystemMessage) -> Vec<Waker> {
        self.messages.push_back(Envelope::System(Box::new(message)));
        let mut wakers = self.relations.take_receivers();
        wakers.extend(self.unpark());
        wakers
    }

    /// Takes the first message that is `wanted`, past all others.
    fn take_system(&mut self, wanted: Wanted<'_>) -> Option<SystemMessage> {
        let is_wanted = |envelope: &_| matches!(envelope, Envelope::System(message) if wanted(message));
        let at = self.messages.iter().position(is_wanted)?;
        match self.messages.remove(at)? {
            Envelope::System(message) => Some(*message),
            Envelope::Message(_) => None,
        }
    }

    fn unpark(&mut self) -> Option<Waker> {
        // A clone is two instructions and a counter; the waker must stay for exit signals.
        if std::mem::take(&mut self.parked) { self.waker.clone() } else { None }
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// A process whose message type is not known: what links, monitors, and signals work on.
pub(crate) trait AnyCell: Any + Send + Sync {
    fn head(&self) -> &Head;

    /// An exit signal with `reason` from `from`.
    fn exit_signal(&self, from: Pid, reason: ExitReason, sent_by: SentBy);
    /// Ends the process unconditionally, with [`ExitReason::Killed`].
    fn kill(&self);
    /// A monitor held by this process fired.
    fn down(&self, down: Down);

    /// Links to `other`; false when this process has ended.
    fn link(&self, other: Pid) -> bool;
    /// Removes the link and says whether there was one.
    fn unlink(&self, other: Pid) -> bool;
    /// Takes the first message that is `wanted` out of the mailbox; if there is none, `waker` is woken by the next.
    fn take_system(&self, wanted: Wanted<'_>, waker: Option<&Waker>) -> Option<SystemMessage>;
    /// Adds a watcher, or gives it back when the end of this process has been told to those before it.
    fn watch(&self, watcher: Watcher) -> Result<(), Watcher>;
    fn unwatch(&self, monitor: MonitorRef);
    /// Remembers that this process monitors `target`.
    fn monitoring(&self, monitor: MonitorRef, target: Pid);
    /// Forgets a monitor and says whom it watched, if it has not fired.
    fn stop_monitoring(&self, monitor: MonitorRef) -> Option<Pid>;

    fn trap_exit(&self, trap: bool);
    fn exit_reason(&self) -> Option<ExitReason>;
    fn queued(&self) -> usize;
    fn links(&self) -> Vec<Pid>;
    /// Wakes the process without a message, so that what it awaits looks at the clock.
    fn wake(&self);
    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

/// Who sent an exit signal: OTP ignores `normal` from either, but treats `exit(self(), normal)` as an exit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum SentBy {
    /// A linked process that ended.
    Link,
    /// `exit/2`.
    Process,
}

impl<M: Send + 'static> AnyCell for Cell<M> {
    fn head(&self) -> &Head {
        &self.head
    }

    fn exit_signal(&self, from: Pid, reason: ExitReason, sent_by: SentBy) {
        let wakers = {
            let mut state = self.state();
            if state.exited.is_some() {
                return;
            }
            if sent_by == SentBy::Link && !state.relations.unlink(from) {
                // Unlinked while the signal was on its way: OTP drops it too.
                return;
            }
            if state.trap_exit {
                state.push_system(SystemMessage::Exit(Exit { from, reason }))
            } else if reason == ExitReason::Normal && from != self.head.pid {
                return;
            } else {
                state.fatal.get_or_insert(reason);
                self.head.urgent.store(true, Ordering::Release);
                state.waker.iter().cloned().collect()
            }
        };
        wakers.into_iter().for_each(Waker::wake);
    }

    fn kill(&self) {
        let waker = {
            let mut state = self.state();
            if state.exited.is_some() {
                return;
            }
            state.fatal = Some(ExitReason::Killed);
            self.head.urgent.store(true, Ordering::Release);
            state.waker.clone()
        };
        wake(waker);
    }

    fn down(&self, down: Down) {
        let held = self.state().relations.stop_monitoring(down.monitor).is_some();
        if held {
            self.push_system(SystemMessage::Down(down));
        }
    }

    fn link(&self, other: Pid) -> bool {
        let mut state = self.state();
        if state.exited.is_some() {
            return false;
        }
        state.relations.link(other);
        true
    }

    fn unlink(&self, other: Pid) -> bool {
        self.state().relations.unlink(other)
    }

    fn take_system(&self, wanted: Wanted<'_>, waker: Option<&Waker>) -> Option<SystemMessage> {
        let mut state = self.state();
        let taken = state.take_system(wanted);
        if let (None, Some(waker)) = (&taken, waker) {
            state.relations.received_by(waker);
        }
        taken
    }

    fn watch(&self, watcher: Watcher) -> Result<(), Watcher> {
        let mut state = self.state();
        if state.told {
            return Err(watcher);
        }
        state.relations.watch(watcher);
        Ok(())
    }

    fn unwatch(&self, monitor: MonitorRef) {
        self.state().relations.unwatch(monitor);
    }

    fn monitoring(&self, monitor: MonitorRef, target: Pid) {
        self.state().relations.monitoring(monitor, target);
    }

    fn stop_monitoring(&self, monitor: MonitorRef) -> Option<Pid> {
        let mut state = self.state();
        let target = state.relations.stop_monitoring(monitor);
        if target.is_none() {
            // Fired but not yet handled: flush it, as `demonitor(Ref, [flush])` does.
            state.messages.retain(|envelope| {
                !matches!(envelope, Envelope::System(message)
                if matches!(&**message, SystemMessage::Down(down) if down.monitor == monitor))
            });
        }
        target
    }

    fn trap_exit(&self, trap: bool) {
        self.state().trap_exit = trap;
    }

    fn exit_reason(&self) -> Option<ExitReason> {
        self.state().exited.clone()
    }

    fn queued(&self) -> usize {
        self.state().messages.len()
    }

    fn links(&self) -> Vec<Pid> {
        self.state().relations.links()
    }

    fn wake(&self) {
        let waker = self.state().waker.clone();
        wake(waker);
    }

    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}
