//! What the lock of a process guards: its mailbox, its relations, where in its life it is.

use std::collections::VecDeque;
use std::mem;
use std::task::{Poll, Waker};

use super::ExitReason;
use super::control::Lane;
use super::kind::Handler;
use super::mailbox::Bounds;
use super::relations::Relations;
use super::signal::{Envelope, SystemMessage};

/// What the lock of a process guards.
pub(super) struct State<M> {
    pub(super) life: Life,
    /// What comes from outside and is ahead of messages; rare, therefore boxed.
    pub(super) lane: Option<Box<Lane>>,
    pub(super) trap_exit: bool,
    /// The process waits for a message; a sender wakes it.
    pub(super) parked: bool,
    /// Its `init` succeeded.
    pub(super) started: bool,
    /// Those who watch are about to be told of the end; nobody can begin to watch from then on.
    pub(super) told: bool,
    /// The callback that runs.
    pub(super) handling: Handler,
    /// As small as it is it takes no room.
    pub(super) task: TaskSize,
    /// Messages taken so far.
    pub(super) taken: u64,
    pub(super) waker: Option<Waker>,
    pub(super) messages: VecDeque<Envelope<M>>,
    /// Only if there are any; most mailboxes have none.
    pub(super) bounds: Option<Box<Bounds<M>>>,
    pub(super) relations: Relations,
}

/// The size of a task, which nobody can ask it for, rounded up to 16 bytes; of more than a mebibyte, that.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(crate) struct TaskSize(u16);

impl TaskSize {
    const UNIT: usize = 16;

    pub(super) fn of<T>() -> Self {
        Self(u16::try_from(size_of::<T>().div_ceil(Self::UNIT)).unwrap_or(u16::MAX))
    }

    pub(super) fn bytes(self) -> usize {
        usize::from(self.0) * Self::UNIT
    }
}

/// Where in its life a process is.
pub(super) enum Life {
    /// Somebody may wait: whoever started it, until it is ready, and then the first that waits for its end.
    Alive { waiting: Option<Waker> },
    /// Nothing is accepted any more.
    Ended(ExitReason),
}

impl<M> Envelope<M> {
    /// Whether it is what a callback wanted to go on with.
    pub(super) fn continues(&self) -> bool {
        matches!(self, Self::System(message) if matches!(**message, SystemMessage::Control(_)))
    }
}

/// A mailbox that once held more than this many messages gives its memory back when it runs empty.
const RETAINED_CAPACITY: usize = 64;

impl<M> State<M> {
    pub(super) fn new() -> Self {
        Self {
            life: Life::Alive { waiting: None },
            lane: None,
            trap_exit: false,
            parked: false,
            started: false,
            told: false,
            handling: Handler::INIT,
            task: TaskSize::default(),
            taken: 0,
            waker: None,
            messages: VecDeque::new(),
            bounds: None,
            relations: Relations::default(),
        }
    }

    /// What the queue itself takes, with room for messages that are gone.
    pub(super) fn mailbox_bytes(&self) -> usize {
        self.messages.capacity() * size_of::<Envelope<M>>()
    }

    pub(super) fn has_ended(&self) -> bool {
        matches!(self.life, Life::Ended(_))
    }

    pub(super) fn exit_reason(&self) -> Option<&ExitReason> {
        match &self.life {
            Life::Alive { .. } => None,
            Life::Ended(reason) => Some(reason),
        }
    }

    /// Queues `message` and says whom to wake: the loop, and whoever waits for signals elsewhere in the process.
    pub(super) fn push_system(&mut self, message: SystemMessage) -> (Option<Waker>, Vec<Waker>) {
        self.messages.push_back(Envelope::System(Box::new(message)));
        (self.unpark(), self.relations.take_receivers())
    }

    /// Queues `message`, however full the mailbox is, and says whom to wake.
    pub(super) fn push_kept(&mut self, message: M) -> Option<Waker> {
        self.messages.push_back(match self.bounds {
            None => Envelope::Message(message),
            Some(_) => Envelope::Kept(Box::new(message)),
        });
        self.unpark()
    }

    /// Wakes `waker` when the process has ended.
    pub(super) fn awaited(&mut self, waker: Waker) {
        match &mut self.life {
            // Most processes are awaited by one, if at all, which then needs no allocation.
            Life::Alive { waiting: waiting @ None } if self.started => *waiting = Some(waker),
            Life::Alive { .. } | Life::Ended(_) => self.relations.awaited(waker),
        }
    }

    /// Forgets one waiting for the end of the task behind `waker`, which may wait more than once.
    pub(super) fn not_awaited(&mut self, waker: &Waker) {
        match &mut self.life {
            Life::Alive { waiting }
                if self.started && waiting.as_ref().is_some_and(|it| it.will_wake(waker)) =>
            {
                *waiting = None;
            }
            Life::Alive { .. } | Life::Ended(_) => self.relations.not_awaited(waker),
        }
    }

    pub(super) fn lane(&mut self) -> &mut Lane {
        self.lane.get_or_insert_default()
    }

    /// The next message, whose handler has the `number`, and which sender has room now and is to be woken.
    pub(super) fn pop(&mut self, number: impl FnOnce(&M) -> Handler) -> (Poll<Envelope<M>>, Option<Waker>) {
        match self.messages.pop_front() {
            Some(Envelope::Message(message)) => {
                self.taken += 1;
                self.handling = number(&message);
                let next = self.bounds.as_mut().and_then(|bounds| bounds.leave());
                (Poll::Ready(Envelope::Message(message)), next)
            }
            Some(Envelope::System(message)) => {
                self.taken += 1;
                self.handling = message.handler();
                (Poll::Ready(Envelope::System(message)), None)
            }
            Some(Envelope::Kept(message)) => {
                self.taken += 1;
                self.handling = number(&message);
                (Poll::Ready(Envelope::Message(*message)), None)
            }
            None => {
                // An idle process keeps no buffer from a busy past.
                if self.messages.capacity() > RETAINED_CAPACITY {
                    self.messages = VecDeque::new();
                }
                self.handling = Handler::NONE;
                self.parked = true;
                (Poll::Pending, None)
            }
        }
    }

    /// Whether a callback wants to go on before anything else happens.
    pub(super) fn continues(&self) -> bool {
        self.messages.front().is_some_and(Envelope::continues)
    }

    pub(super) fn unpark(&mut self) -> Option<Waker> {
        // A clone is two instructions and a counter; the waker must stay for exit signals.
        if mem::take(&mut self.parked) { self.waker.clone() } else { None }
    }
}
