//! How much a mailbox takes, and what happens to what is too much.
//!
//! Most mailboxes are unbounded, as in OTP, and know nothing of this.
//!
//! | file | what it does |
//! |---|---|
//! | `bounds` | counts what is queued and who waits for room; pure |
//! | `queue` | sends to a mailbox that has bounds |
//! | `delivery` | a message that waits for room |

mod bounds;
mod delivery;
mod queue;

#[cfg(test)]
mod tests;

pub(super) use bounds::{Bounds, Ticket};
pub(crate) use delivery::Delivery;

/// How much a mailbox takes, and what happens to a message that is too much.
///
/// Only messages of others count. Exit signals, `Down`s, and what a process has asked for itself are never refused and
/// never dropped: timers, what comes through its [aliases](super::Alias), changes of groups it monitors.
/// Events of an [`EventManager`](crate::gen_event::EventManager) are messages of others.
/// The message that is being handled has left the mailbox. An empty mailbox takes any message, however large.
///
/// Default: unbounded.
///
/// Source: OTP, whose mailboxes are unbounded.
/// Differs: OTP has no bounds; its `max_heap_size` kills the process instead.
///
/// ```
/// use umbrella::prelude::*;
/// use umbrella::process::{Mailbox, Overflow};
///
/// struct Mailer;
///
/// #[gen_server(mailbox = Mailbox::messages(100).overflow(Overflow::DropOldest))]
/// impl Mailer {
///     fn init() -> Self {
///         Self
///     }
///     #[cast]
///     fn mail(&mut self, _to: String) {}
/// }
///
/// // Or where it is started: this one takes a mebibyte of mails, and its callers wait until there is room.
/// let child = Mailer::child_spec(()).mailbox(Mailbox::bytes(1 << 20).overflow(Overflow::Wait));
/// # let _ = child;
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[must_use = "a mailbox is bounded where its server is started"]
pub struct Mailbox {
    max_messages: Option<usize>,
    max_bytes: Option<usize>,
    overflow: Overflow,
}

/// What happens to a message for which a mailbox has no room.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum Overflow {
    /// It is refused: the sender gets it back, with [`CallError::Full`](crate::gen_server::CallError::Full).
    #[default]
    Reject,
    /// A call waits for room, within its deadline, first come first served.
    ///
    /// A cast cannot wait and is refused; [`Ref::deliver`](crate::registry::Ref::deliver) waits.
    Wait,
    /// It is taken, and the oldest go: a call among them fails with [`CallError::Full`](crate::gen_server::CallError).
    DropOldest,
}

impl Mailbox {
    /// Takes everything.
    pub const fn unbounded() -> Self {
        Self { max_messages: None, max_bytes: None, overflow: Overflow::Reject }
    }

    /// Takes `max` messages; at least one.
    pub const fn messages(max: usize) -> Self {
        Self::unbounded().and_messages(max)
    }

    /// Takes messages of together `max` bytes, or a single larger one.
    ///
    /// A message weighs what it takes in memory, and what those of its arguments that serde can write take when they are
    /// written, because that is where strings and collections are. So it is measured when it is sent.
    pub const fn bytes(max: usize) -> Self {
        Self { max_bytes: Some(max), ..Self::unbounded() }
    }

    /// Takes no more than `max` messages either.
    pub const fn and_messages(self, max: usize) -> Self {
        Self { max_messages: Some(max), ..self }
    }

    /// Says what happens to what is too much; [`Overflow::Reject`] by default.
    pub const fn overflow(self, overflow: Overflow) -> Self {
        Self { overflow, ..self }
    }

    /// Whether there is a bound.
    pub const fn is_bounded(&self) -> bool {
        self.max_messages.is_some() || self.max_bytes.is_some()
    }
}

/// What can be seen of a bounded mailbox.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct MailboxInfo {
    /// Its bounds.
    pub bounds: Mailbox,
    /// Messages that wait in it.
    pub messages: usize,
    /// What they weigh together; 0 if bytes are not bounded.
    pub bytes: usize,
    /// Senders that wait for room.
    pub waiting: usize,
    /// Messages that were refused so far.
    pub refused: u64,
    /// Messages that were dropped for newer ones so far.
    pub dropped: u64,
}

/// Why a message was not queued, and the message.
#[derive(Debug)]
pub(crate) enum Refused<M> {
    /// The process has ended.
    Ended(M),
    /// There is no room.
    Full(M),
    /// There is no room, and who can wait shall.
    Wait(M),
}
