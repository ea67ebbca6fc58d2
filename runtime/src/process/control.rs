//! The control lane: what is asked of a process from outside, ahead of its messages.
//!
//! A process that nobody looks into has no lane: one byte of its head says so, and that is all a message pays.

use std::any::Any;
use std::collections::VecDeque;
use std::fmt;
use std::time::{Duration, SystemTime};

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::ExitReason;
use super::any_cell::AnyCell;
use super::remote::Far;

/// What a process must look at before its next message; nearly always nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Attention(pub(super) u8);

impl Attention {
    pub(super) const NONE: Self = Self(0);

    /// An exit signal ends the process at its next await.
    const FATAL: u8 = 1;
    /// Somebody asks what the process waits for; see `waits`.
    const PROBED: u8 = 16;
    /// Answers are kept back until it is known whether the process survives a panic.
    const UNWOUND: u8 = 32;
    /// Requests wait.
    const REQUESTS: u8 = 2;
    /// It has sent more than a connection can carry, and waits; see [`Node::hold`](super::Node::hold).
    const HELD: u8 = 64;
    /// No message is taken.
    const SUSPENDED: u8 = 4;
    /// Messages are traced or counted, or the time between them is.
    const WATCHED: u8 = 8;

    pub(crate) fn is_none(self) -> bool {
        self.0 == 0
    }

    /// Something for the scheduler, which ends the process, holds it, or looks what it waits for.
    pub(crate) fn is_urgent(self) -> bool {
        self.0 & (Self::FATAL | Self::PROBED | Self::HELD) != 0
    }

    pub(super) fn is_requested(self) -> bool {
        self.0 & Self::REQUESTS != 0
    }

    pub(super) fn is_unwound(self) -> bool {
        self.0 & Self::UNWOUND != 0
    }

    pub(crate) fn is_suspended(self) -> bool {
        self.0 & Self::SUSPENDED != 0
    }

    pub(crate) fn is_watched(self) -> bool {
        self.0 & Self::WATCHED != 0
    }
}

/// Everything that is seldom wanted of a process.
#[derive(Default)]
pub(crate) struct Lane {
    /// An exit signal that ends the process at its next await, whatever it is doing.
    pub(crate) fatal: Option<ExitReason>,
    /// Somebody asks what the process waits for.
    pub(crate) probed: bool,
    /// Whom it may send to again before it goes on.
    pub(super) held: Option<Far>,
    pub(crate) requests: VecDeque<Control>,
    pub(crate) suspended: bool,
    pub(crate) traced: bool,
    /// Who is told of each message, beside the log.
    pub(crate) tap: Option<Tap>,
    pub(crate) counts: Option<Counts>,
    /// The handler that runs, while somebody watches.
    pub(crate) handling: Option<Handling>,
    pub(crate) hibernation: Option<Hibernation>,
    /// Its thread keeps what a panic dropped, until it is known whether the process survives that.
    pub(super) unwound: bool,
}

/// Where messages of a traced process are told. What whoever listens does not take in time is left out.
pub(crate) type Tap = mpsc::Sender<Traced>;

/// A message that a traced process took, or an answer that it gave.
#[derive(Clone, Debug)]
pub(crate) struct Traced {
    pub(crate) at: SystemTime,
    pub(crate) event: &'static str,
    pub(crate) text: String,
}

/// Something to be done ahead of messages.
pub(crate) enum Control {
    /// What a callback wanted to be done next; stands in the message lane, before everything else.
    Continue(Box<dyn Any + Send>),
    /// Look at the state, or change it.
    Visit(Visit),
    /// Write the state down.
    Text(Show),
    /// Say that everything asked before is in force.
    Ack(Acknowledge),
    Terminate(ExitReason),
    Hibernate,
}

/// What to do with the state of a process: its type is known only to whoever asks and to the process.
pub(crate) type Visit = Box<dyn FnOnce(&mut dyn Any) + Send>;

/// What to do with the text of a state; nothing if it cannot be written down.
pub(crate) type Show = Box<dyn FnOnce(Option<StateText>) + Send>;

/// What to do once a process has seen what was asked before.
pub(crate) type Acknowledge = Box<dyn FnOnce(&dyn AnyCell) + Send>;

/// A state, as text.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum StateText {
    /// As it is, between two messages.
    Now(String),
    /// As it was when the handler began that runs now.
    AsHandlerBegan {
        /// The state then.
        text: String,
        /// The handler that has it now.
        handler: &'static str,
    },
}

impl fmt::Display for StateText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Now(text) => f.write_str(text),
            Self::AsHandlerBegan { text, handler } => write!(f, "{text} (as `{handler}` began)"),
        }
    }
}

/// The handler that runs while somebody watches.
pub(crate) struct Handling {
    pub(crate) handler: &'static str,
    pub(crate) since: Instant,
    /// The message it handles, if that is traced.
    pub(crate) message: Option<String>,
    /// The state as the handler began, if it can be written down.
    pub(crate) before: Option<String>,
}

/// What is counted while statistics are on.
#[derive(Clone, Copy)]
pub(crate) struct Counts {
    pub(crate) started_at: SystemTime,
    pub(crate) started: Instant,
    pub(crate) messages_in: u64,
    pub(crate) messages_out: u64,
    pub(crate) polls: u64,
    pub(crate) busy: Duration,
}

impl Counts {
    pub(crate) fn new() -> Self {
        let (started_at, started) = (SystemTime::now(), Instant::now());
        Self { started_at, started, messages_in: 0, messages_out: 0, polls: 0, busy: Duration::ZERO }
    }
}

/// A process that hibernates when it is idle.
pub(crate) struct Hibernation {
    after: Duration,
    idle: Idle,
    /// A timer is on its way.
    armed: bool,
}

/// Where between two messages a process is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Idle {
    Busy,
    Since(Instant),
    Hibernated,
}

impl Hibernation {
    /// Hibernates after a process has been idle for `after`.
    pub(crate) fn after(after: Duration) -> Self {
        Self { after, idle: Idle::Busy, armed: false }
    }
}

impl Lane {
    /// Whether somebody is told of its messages.
    pub(crate) fn is_traced(&self) -> bool {
        self.traced || self.tap.is_some()
    }

    /// What the process must know before each message.
    pub(super) fn attention(&self) -> Attention {
        let bit = |set: bool, bit: u8| if set { bit } else { 0 };
        let watched = self.is_traced() || self.counts.is_some() || self.hibernation.is_some();
        Attention(
            bit(self.fatal.is_some(), Attention::FATAL)
                | bit(self.probed, Attention::PROBED)
                | bit(self.held.is_some(), Attention::HELD)
                | bit(!self.requests.is_empty(), Attention::REQUESTS)
                | bit(self.suspended, Attention::SUSPENDED)
                | bit(watched, Attention::WATCHED)
                | bit(self.unwound, Attention::UNWOUND),
        )
    }

    /// Takes the requests that a process can answer while a handler has its state.
    pub(super) fn take_answerable(&mut self) -> VecDeque<Control> {
        let is_known = self.text_before().is_some();
        let (answerable, waits) = std::mem::take(&mut self.requests).into_iter().partition(|request| {
            matches!(request, Control::Ack(_)) || (is_known && matches!(request, Control::Text(_)))
        });
        self.requests = waits;
        answerable
    }

    /// The state as the handler began that runs now.
    pub(super) fn text_before(&self) -> Option<StateText> {
        let Handling { handler, before, .. } = self.handling.as_ref()?;
        before.clone().map(|text| StateText::AsHandlerBegan { text, handler })
    }

    /// The process took a message.
    pub(super) fn busy(&mut self) {
        if let Some(hibernation) = &mut self.hibernation {
            hibernation.idle = Idle::Busy;
        }
    }

    /// The process has hibernated; it need not again before it was busy.
    pub(super) fn hibernated(&mut self) {
        if let Some(hibernation) = &mut self.hibernation {
            hibernation.idle = Idle::Hibernated;
        }
    }

    /// The process waits for a message from `now` on: after which time to look whether it still does.
    pub(super) fn idles(&mut self, now: Instant) -> Option<Duration> {
        let hibernation = self.hibernation.as_mut()?;
        if hibernation.idle == Idle::Busy {
            hibernation.idle = Idle::Since(now);
        }
        let arm = !hibernation.armed && hibernation.idle != Idle::Hibernated;
        hibernation.armed |= arm;
        arm.then_some(hibernation.after)
    }

    /// The timer of a process that hibernates fired; when to look again.
    pub(crate) fn look_if_idle(&mut self, now: Instant) -> Option<Duration> {
        let hibernation = self.hibernation.as_mut()?;
        hibernation.armed = false;
        let Idle::Since(since) = hibernation.idle else { return None };
        let idle = now.saturating_duration_since(since);
        if idle < hibernation.after {
            hibernation.armed = true;
            return Some(hibernation.after - idle);
        }
        self.requests.push_back(Control::Hibernate);
        None
    }
}

impl Control {
    /// Answers a request that needs no state, while a handler has it.
    pub(super) fn answer(self, process: &dyn AnyCell, before: Option<StateText>) {
        match self {
            Self::Ack(acknowledge) => acknowledge(process),
            Self::Text(answer) => answer(before),
            // Those wait until the handler is done; see `take_answerable`.
            Self::Continue(_) | Self::Visit(_) | Self::Terminate(_) | Self::Hibernate => {}
        }
    }
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Continue(_) => "Continue",
            Self::Visit(_) => "Visit",
            Self::Text(_) => "Text",
            Self::Ack(_) => "Ack",
            Self::Terminate(_) => "Terminate",
            Self::Hibernate => "Hibernate",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_needs_the_state_waits_for_the_handler_and_the_rest_does_not() {
        let mut lane = Lane::default();
        assert!(lane.attention().is_none());
        lane.requests.push_back(Control::Visit(Box::new(|_| {})));
        lane.requests.push_back(Control::Text(Box::new(|_| {})));
        lane.requests.push_back(Control::Ack(Box::new(|_| {})));
        assert!(lane.attention().is_requested());
        assert!(matches!(lane.take_answerable().make_contiguous(), [Control::Ack(_)]));
        // Unless it was written down before.
        let before = Some("Counter { count: 1 }".to_owned());
        lane.handling = Some(Handling { handler: "add", since: Instant::now(), message: None, before });
        assert!(matches!(lane.take_answerable().make_contiguous(), [Control::Text(_)]));
        let began = StateText::AsHandlerBegan { text: "Counter { count: 1 }".into(), handler: "add" };
        assert_eq!(lane.text_before(), Some(began));
        assert!(matches!(lane.requests.make_contiguous(), [Control::Visit(_)]));
    }
}
