//! The shared part of a process: its mailbox and its relations, behind one lock.
//!
//! Everything another process can do to a process goes through here: sending, exit signals, links, monitors.
//! The lock is held for a few instructions and never while user code runs or another cell is touched, so there is no
//! lock order to keep.

use std::any::Any;
use std::mem;
use std::sync::{Arc, PoisonError};
use std::task::{Poll, Waker};

use super::any_cell::{AnyCell, Head, SentBy};
use super::control::Lane;
use super::info::Memory;
use super::kind::Handler;
use super::mailbox::{MailboxInfo, Refused};
use super::monitors::Monitors;
use super::place::Places;
use super::relations::Relations;
use super::remote::Far;
use super::signal::{Envelope, SystemMessage, Wanted};
use super::state::{Life, State, TaskSize};
use super::sync::{Mutex, MutexGuard};
use super::{Down, Exit, ExitReason, MonitorRef, Pid};

/// A process that takes messages of type `M`.
pub(crate) struct Cell<M> {
    pub(super) head: Head,
    state: Mutex<State<M>>,
}

impl<M: Send + 'static> Cell<M> {
    pub(crate) fn new(head: Head) -> Self {
        Self { head, state: Mutex::new(State::new()) }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State<M>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues `message`, or gives it back when the process has ended or has no room.
    pub(crate) fn send(&self, message: M) -> Result<(), Refused<M>> {
        let waker = {
            let mut state = self.state();
            if state.has_ended() {
                return Err(Refused::Ended(message));
            }
            if state.bounds.is_some() {
                drop(state);
                return self.send_bounded(message);
            }
            state.messages.push_back(Envelope::Message(message));
            state.unpark()
        };
        wake(waker);
        Ok(())
    }

    fn push_system(&self, message: SystemMessage) {
        let (loop_waker, receivers) = {
            let mut state = self.state();
            if state.has_ended() {
                return;
            }
            state.push_system(message)
        };
        wake(loop_waker);
        receivers.into_iter().for_each(Waker::wake);
    }

    /// Takes the next message, whose handler has the `number`; pending parks the process.
    pub(crate) fn poll_receive(&self, number: impl FnOnce(&M) -> Handler) -> Poll<Envelope<M>> {
        let (received, next) = self.state().pop(number);
        wake(next);
        received
    }

    /// The process is ready: whoever started it may go on.
    pub(crate) fn started(&self) {
        let starter = {
            let mut state = self.state();
            state.started = true;
            match &mut state.life {
                Life::Alive { waiting } => waiting.take(),
                Life::Ended(_) => None,
            }
        };
        wake(starter);
    }
}

pub(super) fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

impl<M: Send + 'static> AnyCell for Cell<M> {
    fn head(&self) -> &Head {
        &self.head
    }

    fn exit_signal(&self, from: Pid, reason: ExitReason, sent_by: SentBy) {
        let (loop_waker, receivers) = {
            let mut state = self.state();
            if state.has_ended() {
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
                state.lane().fatal.get_or_insert(reason);
                self.note_attention(&mut state);
                (state.waker.clone(), Vec::new())
            }
        };
        wake(loop_waker);
        receivers.into_iter().for_each(Waker::wake);
    }

    fn kill(&self) {
        let waker = {
            let mut state = self.state();
            if state.has_ended() {
                return;
            }
            state.lane().fatal.get_or_insert(ExitReason::Killed);
            self.note_attention(&mut state);
            state.waker.clone()
        };
        wake(waker);
    }

    fn down(&self, monitor: MonitorRef, reason: ExitReason) {
        let held = self.state().relations.stop_monitoring(monitor);
        if let Some(target) = held {
            self.push_system(SystemMessage::Down(Down { monitor, pid: target.pid(), reason }));
        }
    }

    fn link(&self, other: Pid) -> bool {
        let mut state = self.state();
        if state.has_ended() {
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

    fn monitored(&self, monitor: MonitorRef, by: Pid) -> bool {
        let mut state = self.state();
        if !state.told {
            state.relations.monitored(monitor, by);
        }
        !state.told
    }

    fn not_monitored(&self, monitor: MonitorRef) {
        self.state().relations.not_monitored(monitor);
    }

    fn poll_exit(&self, waker: &Waker, registered: &mut Option<Waker>) -> Poll<ExitReason> {
        let mut state = self.state();
        if state.told
            && let Some(reason) = state.exit_reason()
        {
            *registered = None;
            return Poll::Ready(reason.clone());
        }
        match registered {
            Some(known) if known.will_wake(waker) => return Poll::Pending,
            Some(known) => state.not_awaited(known),
            None => {}
        }
        state.awaited(waker.clone());
        *registered = Some(waker.clone());
        Poll::Pending
    }

    fn not_awaited(&self, waker: &Waker) {
        self.state().not_awaited(waker);
    }

    fn poll_started(&self, waker: &Waker) -> Poll<Result<(), ExitReason>> {
        let mut state = self.state();
        let (started, told) = (state.started, state.told);
        if started {
            return Poll::Ready(Ok(()));
        }
        match &mut state.life {
            Life::Ended(reason) if told => return Poll::Ready(Err(reason.clone())),
            Life::Ended(_) => state.relations.awaited(waker.clone()),
            Life::Alive { waiting: Some(known) } if known.will_wake(waker) => {}
            Life::Alive { waiting } => *waiting = Some(waker.clone()),
        }
        Poll::Pending
    }

    fn monitoring(&self, monitor: MonitorRef, target: Far) {
        self.state().relations.monitoring(monitor, target);
    }

    fn stop_monitoring(&self, monitor: MonitorRef) -> Option<Far> {
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

    fn with_monitors(&self, change: &mut dyn FnMut(&mut Monitors)) {
        change(self.state().relations.monitors_mut());
    }

    fn send_through(&self, alias: MonitorRef, message: Box<dyn Any + Send>) {
        self.pass_any(alias, message);
    }

    fn with_places(&self, look: &mut dyn FnMut(Places<'_>)) {
        let mut state = self.state();
        look(if state.told { None } else { Some(state.relations.places()) });
    }

    fn trap_exit(&self, trap: bool) {
        self.state().trap_exit = trap;
    }

    fn exit_reason(&self) -> Option<ExitReason> {
        self.state().exit_reason().cloned()
    }

    fn mailbox(&self) -> Option<MailboxInfo> {
        self.state().bounds.as_ref().map(|bounds| bounds.info())
    }

    fn queued(&self) -> usize {
        self.state().messages.len()
    }

    fn memory(&self) -> Memory {
        let state = self.state();
        Memory { cell: size_of::<Self>(), task: state.task.bytes(), mailbox: state.mailbox_bytes() }
    }

    fn taken(&self) -> u64 {
        self.state().taken
    }

    fn links(&self) -> Vec<Pid> {
        self.state().relations.links()
    }

    fn monitors_both_ways(&self) -> (Vec<Pid>, Vec<Pid>) {
        self.state().relations.monitors_both_ways()
    }

    fn traps_exits(&self) -> bool {
        self.state().trap_exit
    }

    fn name(&self) -> Option<Arc<str>> {
        self.state().relations.name().cloned()
    }

    fn set_name(&self, name: Arc<str>) {
        self.state().relations.set_name(name);
    }

    fn with_lane(&self, change: &mut dyn FnMut(&mut Lane) -> bool) -> bool {
        let waker = {
            let mut state = self.state();
            if state.has_ended() {
                return false;
            }
            let must_look = change(state.lane());
            self.note_attention(&mut state);
            if must_look { state.waker.clone() } else { None }
        };
        wake(waker);
        true
    }

    fn handler(&self) -> Option<&'static str> {
        let handling = self.state().handling;
        let name = self.head.kind().handlers?;
        (handling != Handler::NONE).then(|| handling.callback().unwrap_or_else(|| name(handling)))
    }

    fn answer_while_busy(&self) {
        let (answerable, before) = {
            let mut state = self.state();
            let Some(lane) = &mut state.lane else { return };
            let found = (lane.take_answerable(), lane.text_before());
            self.note_attention(&mut state);
            found
        };
        for request in answerable {
            request.answer(self, before.clone());
        }
    }

    fn wake(&self) {
        let waker = self.state().waker.clone();
        wake(waker);
    }

    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }

    fn set_task(&self, waker: Waker, size: TaskSize) {
        let mut state = self.state();
        (state.waker, state.task) = (Some(waker), size);
    }

    fn probe(&self) {
        let waker = {
            let mut state = self.state();
            state.lane().probed = true;
            self.note_attention(&mut state);
            state.waker.clone()
        };
        wake(waker);
    }

    fn take_fatal(&self) -> Option<ExitReason> {
        let mut state = self.state();
        let fatal = state.lane.as_mut().and_then(|lane| {
            lane.probed = false;
            lane.fatal.take()
        });
        self.note_attention(&mut state);
        fatal
    }

    fn end(&self, reason: ExitReason) -> Option<Waker> {
        let (before, _own, senders) = {
            let mut state = self.state();
            let before = mem::replace(&mut state.life, Life::Ended(reason));
            let senders = state.bounds.as_mut().map(|bounds| bounds.dismiss());
            (before, state.waker.take(), senders)
        };
        senders.into_iter().flatten().for_each(Waker::wake);
        match before {
            Life::Alive { waiting } => waiting,
            Life::Ended(_) => None,
        }
    }

    fn take_relations(&self) -> Relations {
        let mut state = self.state();
        state.told = true;
        mem::take(&mut state.relations)
    }

    fn drop_messages(&self) {
        let (messages, lane) = {
            let mut state = self.state();
            (mem::take(&mut state.messages), state.lane.take())
        };
        drop((messages, lane));
    }
}
