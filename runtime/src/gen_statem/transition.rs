//! What the callbacks of a machine can do beside their answers.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use super::GenStatem;
use super::engine::Decided;
use super::timeouts::{Change, Timeout};
use crate::process::{ExitReason, Pid, trap_exit};
use crate::registry::{Protocol, Ref};

type EventOf<S> = <<S as GenStatem>::Protocol as Protocol>::Message;

/// What every callback can do: start and cancel time-outs, stop, learn who it is.
///
/// `enter` takes `cx: &mut Actions<Self>`; [`Starting`] and [`Transition`] are this and more.
///
/// Source: OTP `gen_statem:enter_action()`.
pub struct Actions<S: GenStatem> {
    me: Ref<S::Protocol>,
    decided: Decided<EventOf<S>>,
    stop: Option<Box<ExitReason>>,
}

/// What `init` can do: all [`Actions`], and insert events.
///
/// `init` takes `cx: &mut Starting<Self>`.
///
/// Source: OTP `gen_statem:init_result()`.
pub struct Starting<S: GenStatem>(Actions<S>);

/// What a handler can do: all [`Actions`], insert events, change the state, postpone its event.
///
/// A handler asks for it with a parameter `cx: &mut Transition<Self>`.
/// One that does nothing with it keeps the state.
///
/// Source: OTP `gen_statem:event_handler_result()` and `gen_statem:action()`.
pub struct Transition<S: GenStatem> {
    starting: Starting<S>,
    next: Next<S::State>,
}

/// Which state a handler leads to.
pub(super) enum Next<T> {
    Keep,
    Repeat,
    State(T),
    /// There was no event after all: nobody waits for what it asked.
    Nothing,
}

impl<S: GenStatem> Actions<S> {
    /// A reference to this machine, to be given to others.
    pub fn me(&self) -> Ref<S::Protocol> {
        self.me.clone()
    }

    /// Which process this is.
    pub fn pid(&self) -> Pid {
        Ref::pid(&self.me)
    }

    /// Stops the machine after this callback, with `reason`: it makes no transition, `terminate` runs, the process ends.
    ///
    /// Calls that are postponed or queued fail with this reason.
    ///
    /// Source: OTP `{stop, Reason, NewData}`.
    pub fn stop(&mut self, reason: ExitReason) {
        self.stop = Some(Box::new(reason));
    }

    /// Turns exit signals into events, or back; see `#[info] fn exit(&mut self, state: &State, exit: Exit)`.
    ///
    /// Source: OTP `process_flag(trap_exit, Flag)`.
    pub fn trap_exit(&mut self, trap: bool) {
        // Callbacks run in a process, so it cannot fail.
        let _always_done = trap_exit(trap);
    }

    /// Brings `event` after `after`, unless the state changes before.
    ///
    /// Starting it again restarts it. After no time at all it comes before any message, once the events that are queued
    /// inside the machine have been handled.
    ///
    /// Source: OTP `{state_timeout, Time, EventContent}`.
    pub fn state_timeout(&mut self, after: Duration, event: EventOf<S>) {
        self.start_timeout(Timeout::State, after, event);
    }

    /// Brings `event` after `after`, unless any other event comes before.
    ///
    /// Source: OTP `{timeout, Time, EventContent}`.
    pub fn event_timeout(&mut self, after: Duration, event: EventOf<S>) {
        self.start_timeout(Timeout::Event, after, event);
    }

    /// Brings `event` after `after`; `timeout` says what cancels it.
    ///
    /// Source: OTP `{{timeout, Name}, Time, EventContent}`.
    pub fn start_timeout(&mut self, timeout: Timeout, after: Duration, event: EventOf<S>) {
        self.decided.timeouts.push((timeout, Change::Start(after, event)));
    }

    /// Cancels `timeout`, if it runs.
    ///
    /// Source: OTP `{TimeoutType, cancel}`.
    pub fn cancel_timeout(&mut self, timeout: Timeout) {
        self.decided.timeouts.push((timeout, Change::Cancel));
    }

    /// Makes `timeout` bring `event` instead, at the time that was set; at once if it does not run.
    ///
    /// Source: OTP `{TimeoutType, update, EventContent}`.
    pub fn update_timeout(&mut self, timeout: Timeout, event: EventOf<S>) {
        self.decided.timeouts.push((timeout, Change::Update(event)));
    }
}

impl<S: GenStatem> Starting<S> {
    /// Inserts `event`: it is handled before any event that waits, and after those inserted by the same callback.
    ///
    /// Source: OTP `{next_event, EventType, EventContent}`.
    pub fn next_event(&mut self, event: EventOf<S>) {
        self.0.decided.next_events.push(event);
    }
}

impl<S: GenStatem> Transition<S> {
    pub(super) fn new(me: Ref<S::Protocol>) -> Self {
        let actions = Actions { me, decided: Decided::new(), stop: None };
        Self { starting: Starting(actions), next: Next::Keep }
    }

    /// Goes to `state`. If it is equal to the state that is, this is as keeping it.
    ///
    /// A change of state cancels the state time-out and retries the postponed events.
    ///
    /// Source: OTP `{next_state, NextState, NewData}`.
    pub fn next_state(&mut self, state: S::State) {
        self.next = Next::State(state);
    }

    /// Keeps the state and makes its enter call again; the state time-out goes on, postponed events stay postponed.
    ///
    /// Source: OTP `{repeat_state, NewData}`.
    pub fn repeat_state(&mut self) {
        self.next = Next::Repeat;
    }

    /// Puts `event`, the one being handled, aside until the state has changed.
    ///
    /// Postponed events are retried in the order in which they came, before those that are new.
    /// A handler of a call takes its `ReplyTo` to be able to postpone it; when its caller does not wait any longer, it
    /// is dropped.
    ///
    /// Differs: the handler gives its event back, since it took it apart; in OTP `postpone` is an option of the
    /// transition. So a call cannot be both answered and postponed.
    ///
    /// Source: OTP `postpone`.
    pub fn postpone(&mut self, event: EventOf<S>) {
        self.decided().postponed.push(event);
    }

    /// The caller is gone, so the handler does not run; called by generated code.
    #[doc(hidden)]
    pub fn nobody_waits(&mut self) {
        self.next = Next::Nothing;
    }

    pub(super) fn starting(&mut self) -> &mut Starting<S> {
        &mut self.starting
    }

    pub(super) fn actions(&mut self) -> &mut Actions<S> {
        &mut self.starting.0
    }

    pub(super) fn decided(&mut self) -> &mut Decided<EventOf<S>> {
        &mut self.starting.0.decided
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.starting.0.stop.is_some()
    }

    pub(super) fn take_stop(&mut self) -> Option<ExitReason> {
        self.starting.0.stop.take().map(|reason| *reason)
    }

    pub(super) fn take_next(&mut self) -> Next<S::State> {
        std::mem::replace(&mut self.next, Next::Keep)
    }
}

impl<S: GenStatem> Deref for Starting<S> {
    type Target = Actions<S>;

    fn deref(&self) -> &Actions<S> {
        &self.0
    }
}

impl<S: GenStatem> DerefMut for Starting<S> {
    fn deref_mut(&mut self) -> &mut Actions<S> {
        &mut self.0
    }
}

impl<S: GenStatem> Deref for Transition<S> {
    type Target = Starting<S>;

    fn deref(&self) -> &Starting<S> {
        &self.starting
    }
}

impl<S: GenStatem> DerefMut for Transition<S> {
    fn deref_mut(&mut self) -> &mut Starting<S> {
        &mut self.starting
    }
}

impl<S: GenStatem> fmt::Debug for Actions<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Actions").field("pid", &self.pid()).field("stop", &self.stop).finish_non_exhaustive()
    }
}

impl<S: GenStatem> fmt::Debug for Starting<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Starting").field(&self.0).finish()
    }
}

impl<S: GenStatem> fmt::Debug for Transition<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Transition").field(&self.starting).finish()
    }
}
