//! A bounded mailbox against a queue that anybody can check by eye.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use proptest::prelude::*;

use super::super::any_cell::{AnyCell, Head};
use super::super::cell::Cell;
use super::super::kind::{Handler, Kind};
use super::super::signal::Envelope;
use super::super::{Node, Pid};
use super::{Delivery, Mailbox, Overflow, Refused};

/// A message of a given weight.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Heavy {
    id: usize,
    weight: usize,
}

#[derive(Clone, Debug)]
enum Step {
    Send(usize),
    /// Begins to wait for room.
    Deliver(usize),
    Receive,
    /// The `n`th of those who wait gives up.
    Cancel(usize),
    /// As both, before whoever was woken could go on.
    ReceiveAndCancel(usize),
    /// The process is told something, which is never refused.
    Tell,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (0..40_usize).prop_map(Step::Send),
        3 => (0..40_usize).prop_map(Step::Deliver),
        3 => Just(Step::Receive),
        1 => (0..4_usize).prop_map(Step::Cancel),
        1 => (0..4_usize).prop_map(Step::ReceiveAndCancel),
        1 => Just(Step::Tell),
    ];
    proptest::collection::vec(step, 0..60)
}

fn mailboxes() -> impl Strategy<Value = Mailbox> {
    let overflow = prop_oneof![Just(Overflow::Reject), Just(Overflow::Wait), Just(Overflow::DropOldest)];
    (proptest::option::of(0..4_usize), proptest::option::of(0..120_usize), overflow)
        .prop_filter("a bound", |(messages, bytes, _)| messages.is_some() || bytes.is_some())
        .prop_map(|(max_messages, max_bytes, overflow)| Mailbox { max_messages, max_bytes, overflow })
}

/// What the mailbox must do.
struct Model {
    mailbox: Mailbox,
    queued: VecDeque<Heavy>,
    waiting: VecDeque<Heavy>,
    dropped: usize,
}

impl Model {
    fn has_room(&self, message: Heavy) -> bool {
        let weigh = |message: &Heavy| size_of::<Heavy>() + message.weight;
        let bytes = self.queued.iter().map(weigh).sum::<usize>() + weigh(&message);
        self.queued.is_empty()
            || self.mailbox.max_messages.is_none_or(|max| self.queued.len() < max)
                && self.mailbox.max_bytes.is_none_or(|max| bytes <= max)
    }

    fn send(&mut self, message: Heavy) -> bool {
        if self.mailbox.overflow == Overflow::DropOldest {
            while !self.has_room(message) {
                self.queued.pop_front();
                self.dropped += 1;
            }
        }
        let taken = self.waiting.is_empty() && self.has_room(message);
        if taken {
            self.queued.push_back(message);
        }
        taken
    }

    /// Lets in whoever waits and has room, in order.
    fn settle(&mut self) {
        while let Some(first) = self.waiting.front()
            && self.has_room(*first)
        {
            self.queued.extend(self.waiting.pop_front());
        }
    }
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Somebody who waits, and is polled only when woken.
struct Sender {
    message: Heavy,
    woken: Arc<Flag>,
    delivery: Delivery<Heavy>,
}

impl Sender {
    fn new(cell: &Arc<Cell<Heavy>>, message: Heavy) -> Self {
        let woken = Arc::new(Flag(AtomicBool::new(true)));
        Self { message, woken, delivery: Delivery::new(cell.clone(), message) }
    }

    /// Whether it is done.
    fn go_on(&mut self) -> bool {
        if !self.woken.0.swap(false, Ordering::Relaxed) {
            return false;
        }
        let waker = Waker::from(self.woken.clone());
        match Pin::new(&mut self.delivery).poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(outcome) => outcome.is_ok(),
            Poll::Pending => false,
        }
    }
}

/// Polls those who were woken until nobody is.
fn settle(senders: &mut Vec<Sender>) {
    while let Some(done) = senders.iter_mut().position(Sender::go_on) {
        senders.remove(done);
    }
}

fn cell(mailbox: Mailbox) -> Arc<Cell<Heavy>> {
    let node = Node::new("test");
    let leader = node.leader().clone();
    let cell = node.clone().insert(|pid| {
        Cell::new(Head::new(
            pid,
            node,
            None,
            leader,
            &Kind { label: || "test", handlers: None, import: None, layout: None, contract: None },
        ))
    });
    cell.bound(mailbox, |message: &Heavy| message.weight);
    cell
}

/// The next message, past what the process is told.
fn receive(cell: &Cell<Heavy>) -> Option<Heavy> {
    loop {
        match cell.poll_receive(|_| Handler(0)) {
            Poll::Ready(Envelope::Message(message)) => return Some(message),
            Poll::Ready(Envelope::System(_) | Envelope::Kept(_)) => {}
            Poll::Pending => return None,
        }
    }
}

proptest! {
    #[test]
    fn a_bounded_mailbox_does_as_the_model(mailbox in mailboxes(), steps in steps()) {
        let cell = cell(mailbox);
        cell.trap_exit(true);
        let mut model = Model { mailbox, queued: VecDeque::new(), waiting: VecDeque::new(), dropped: 0 };
        let (mut senders, mut refused): (Vec<Sender>, _) = (Vec::new(), 0);
        for (id, step) in steps.into_iter().enumerate() {
            match step {
                Step::Send(weight) => {
                    let message = Heavy { id, weight };
                    let taken = model.send(message);
                    match cell.send(message) {
                        Ok(()) => prop_assert!(taken),
                        Err(Refused::Full(back)) => {
                            prop_assert_eq!((taken, back), (false, message));
                            prop_assert_ne!(mailbox.overflow, Overflow::Wait);
                            refused += 1;
                        }
                        Err(Refused::Wait(back)) => {
                            prop_assert_eq!((taken, back), (false, message));
                            prop_assert_eq!(mailbox.overflow, Overflow::Wait);
                        }
                        Err(Refused::Ended(_)) => prop_assert!(false, "has not ended"),
                    }
                }
                Step::Deliver(weight) => {
                    let message = Heavy { id, weight };
                    if mailbox.overflow == Overflow::DropOldest {
                        prop_assert!(model.send(message));
                    } else {
                        model.waiting.push_back(message);
                    }
                    senders.push(Sender::new(&cell, message));
                }
                Step::Receive => prop_assert_eq!(receive(&cell), model.queued.pop_front()),
                Step::Cancel(nth) | Step::ReceiveAndCancel(nth) => {
                    if let Step::ReceiveAndCancel(_) = step {
                        prop_assert_eq!(receive(&cell), model.queued.pop_front());
                    }
                    if nth < senders.len() {
                        let gone = senders.remove(nth).message;
                        model.waiting.retain(|waiting| *waiting != gone);
                    }
                }
                Step::Tell => {
                    let outside = Pid::outside(cell.head().node.creation());
                    cell.exit_signal(outside, super::super::ExitReason::Killed, super::super::any_cell::SentBy::Process);
                }
            }
            settle(&mut senders);
            model.settle();
            let info = cell.mailbox().expect("it has bounds");
            prop_assert_eq!(info.messages, model.queued.len());
            prop_assert_eq!(info.waiting, model.waiting.len());
            prop_assert_eq!(senders.iter().map(|sender| sender.message).collect::<VecDeque<_>>(), model.waiting.clone());
            prop_assert_eq!((info.refused, info.dropped), (refused, model.dropped as u64));
        }
        while let Some(expected) = model.queued.pop_front() {
            prop_assert_eq!(receive(&cell), Some(expected));
            settle(&mut senders);
            model.settle();
        }
        prop_assert_eq!(receive(&cell), None);
        prop_assert!(senders.is_empty());
        prop_assert_eq!(cell.mailbox().expect("it has bounds").bytes, 0);
    }
}

#[test]
fn whoever_waits_learns_that_the_process_has_ended() {
    let cell = cell(Mailbox::messages(1));
    assert!(cell.send(Heavy { id: 0, weight: 0 }).is_ok());
    let mut sender = Sender::new(&cell, Heavy { id: 1, weight: 0 });
    assert!(!sender.go_on());
    assert!(cell.end(super::super::ExitReason::Killed).is_none());
    assert!(sender.woken.0.load(Ordering::Relaxed));
    let outcome = Pin::new(&mut sender.delivery).poll(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(outcome, Poll::Ready(Err(Refused::Ended(Heavy { id: 1, .. })))));
}

#[test]
fn a_message_heavier_than_can_be_counted_is_a_message_as_any() {
    use super::bounds::{Admission, Bounds};

    let mailbox = Mailbox { max_messages: None, max_bytes: Some(usize::MAX), overflow: Overflow::Reject };
    let mut bounds = Bounds::<()>::new(mailbox, |()| 0).expect("a bound");
    // Alone, any message fits.
    assert_eq!(bounds.admit(usize::MAX), Admission::Queued);
    assert_eq!(bounds.admit(1), Admission::Refused);
    assert!(bounds.leave().is_none());
    assert_eq!((bounds.info().bytes, bounds.admit(1)), (0, Admission::Queued));
}
