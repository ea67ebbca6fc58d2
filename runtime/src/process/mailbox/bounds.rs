//! What is queued in a bounded mailbox, and who waits for room.

use std::collections::VecDeque;
use std::task::Waker;

use super::{Mailbox, MailboxInfo, Overflow};

/// The books of a bounded mailbox. The messages themselves are elsewhere.
pub(crate) struct Bounds<M> {
    mailbox: Mailbox,
    weigh: fn(&M) -> usize,
    messages: usize,
    bytes: usize,
    /// What each message weighs, the oldest first; only if bytes are bounded.
    weights: VecDeque<usize>,
    /// Who waits for room, in the order in which they came.
    waiting: VecDeque<Waiter>,
    next: Ticket,
    refused: u64,
    dropped: u64,
}

/// A place in the line; later ones are greater.
pub(crate) type Ticket = u64;

struct Waiter {
    ticket: Ticket,
    weight: usize,
    waker: Waker,
}

/// What becomes of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Admission {
    /// It is queued.
    Queued,
    /// It is queued once so many of the oldest are dropped.
    Instead(usize),
    Refused,
    Wait,
}

impl<M> Bounds<M> {
    /// Nothing if there is no bound.
    pub(crate) fn new(mailbox: Mailbox, weigh: fn(&M) -> usize) -> Option<Box<Self>> {
        mailbox.is_bounded().then(|| {
            Box::new(Self {
                mailbox,
                weigh,
                messages: 0,
                bytes: 0,
                weights: VecDeque::new(),
                waiting: VecDeque::new(),
                next: 0,
                refused: 0,
                dropped: 0,
            })
        })
    }

    /// How messages are weighed, if they are.
    pub(crate) fn scales(&self) -> Option<fn(&M) -> usize> {
        self.mailbox.max_bytes.map(|_| self.weigh)
    }

    /// Whether nobody ever waits.
    pub(crate) fn drops_oldest(&self) -> bool {
        self.mailbox.overflow == Overflow::DropOldest
    }

    /// Alone, any message fits; so the sum of the weights never overflows.
    fn has_room(&self, weight: usize) -> bool {
        let room = |max: Option<usize>, used: usize, more: usize| {
            max.is_none_or(|max| used.checked_add(more).is_some_and(|sum| sum <= max))
        };
        self.messages == 0
            || room(self.mailbox.max_messages, self.messages, 1)
                && room(self.mailbox.max_bytes, self.bytes, weight)
    }

    fn enter(&mut self, weight: usize) {
        self.messages += 1;
        if self.mailbox.max_bytes.is_some() {
            self.bytes += weight;
            self.weights.push_back(weight);
        }
    }

    /// The oldest message leaves; whoever is to be woken for its room.
    pub(crate) fn leave(&mut self) -> Option<Waker> {
        self.messages = self.messages.saturating_sub(1);
        self.bytes -= self.weights.pop_front().unwrap_or(0);
        self.first_in_line()
    }

    /// What becomes of a message of somebody who does not wait.
    pub(crate) fn admit(&mut self, weight: usize) -> Admission {
        // Nobody overtakes those who wait.
        if self.waiting.is_empty() && self.has_room(weight) {
            self.enter(weight);
            return Admission::Queued;
        }
        match self.mailbox.overflow {
            Overflow::Reject => {
                self.refused += 1;
                Admission::Refused
            }
            Overflow::Wait => Admission::Wait,
            Overflow::DropOldest => {
                let mut oldest = 0;
                while !self.has_room(weight) {
                    self.leave();
                    oldest += 1;
                }
                self.dropped += oldest as u64;
                self.enter(weight);
                Admission::Instead(oldest)
            }
        }
    }

    /// A message was refused that could have waited.
    pub(crate) fn refuse(&mut self) {
        self.refused += 1;
    }

    /// Whether a message of somebody who waits is queued now. If not, `waker` is woken when its turn comes.
    pub(crate) fn admit_in_turn(&mut self, weight: usize, place: &mut Option<Ticket>, waker: &Waker) -> bool {
        let is_first = match (self.waiting.front(), &place) {
            (None, _) => true,
            (Some(first), Some(ticket)) => first.ticket == *ticket,
            (Some(_), None) => false,
        };
        if is_first && self.has_room(weight) {
            if place.take().is_some() {
                self.waiting.pop_front();
            }
            self.enter(weight);
            return true;
        }
        match place {
            Some(ticket) => {
                if let Ok(at) = self.waiting.binary_search_by_key(ticket, |waiter| waiter.ticket) {
                    self.waiting[at].waker.clone_from(waker);
                }
            }
            None => {
                let ticket = self.next;
                self.next += 1;
                self.waiting.push_back(Waiter { ticket, weight, waker: waker.clone() });
                *place = Some(ticket);
            }
        }
        false
    }

    /// Whoever waited at `place` does so no longer.
    pub(crate) fn quit(&mut self, place: Ticket) {
        if let Ok(at) = self.waiting.binary_search_by_key(&place, |waiter| waiter.ticket) {
            self.waiting.remove(at);
        }
    }

    /// Whose turn it is, if there is room for its message.
    pub(crate) fn first_in_line(&self) -> Option<Waker> {
        let first = self.waiting.front()?;
        self.has_room(first.weight).then(|| first.waker.clone())
    }

    /// Everybody who waits; there will be no room.
    pub(crate) fn dismiss(&mut self) -> Vec<Waker> {
        self.waiting.drain(..).map(|waiter| waiter.waker).collect()
    }

    pub(crate) fn info(&self) -> MailboxInfo {
        MailboxInfo {
            bounds: self.mailbox,
            messages: self.messages,
            bytes: self.bytes,
            waiting: self.waiting.len(),
            refused: self.refused,
            dropped: self.dropped,
        }
    }
}
