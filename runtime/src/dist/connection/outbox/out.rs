//! What waits to be written, and what of it is written next; no I/O.

use std::mem;
use std::sync::Arc;
use std::task::Waker;

use super::queue::Queue;
use super::streams::Streams;
use super::{DEFAULT_BUSY_LIMIT, Room, WORTH_A_WRITE, When};
use crate::dist::carrier::Carrier;
use crate::process::Pid;

/// What somebody writes: where to, the bytes, and how many of them are written already.
pub(super) type Taken = (Arc<dyn Carrier>, Vec<u8>, usize);

/// What waits, and who writes.
#[derive(Default)]
pub(super) struct Out {
    pub(super) state: State,
    /// Before everything else.
    first: Vec<u8>,
    queue: Queue,
    streams: Streams,
    /// What somebody could not write, and how much of it was written.
    unfinished: Option<(Vec<u8>, usize)>,
    /// How much is being written.
    being_written: usize,
    is_writing: bool,
    /// The task that writes what cannot be written at once.
    pub(super) waker: Option<Waker>,
    /// Something was written since the last tick.
    pub(super) has_written: bool,
    /// Those that wait until it is not busy.
    pub(super) waiting: Vec<Waker>,
}

pub(super) enum State {
    /// There is no carrier yet.
    Opening,
    Open {
        carrier: Arc<dyn Carrier>,
        /// The other side understands parts of messages.
        in_parts: bool,
    },
    Closed,
}

#[expect(clippy::derivable_impls, reason = "a derived default is one that users are told of")]
impl Default for State {
    fn default() -> Self {
        Self::Opening
    }
}

impl Out {
    /// A connection that is closed keeps nobody waiting.
    pub(super) fn room(&self) -> Room {
        let is_busy = !matches!(self.state, State::Closed) && self.waiting_bytes() >= DEFAULT_BUSY_LIMIT;
        if is_busy { Room::Scarce } else { Room::Enough }
    }

    pub(super) fn waiting_bytes(&self) -> usize {
        let unfinished = self.unfinished.as_ref().map_or(0, |(bytes, written)| bytes.len() - written);
        self.to_take() + self.being_written + unfinished
    }

    /// What was given to nobody who writes.
    fn to_take(&self) -> usize {
        self.first.len() + self.queue.len() + self.streams.bytes()
    }

    /// Adds `frames` of the process `of`.
    pub(super) fn add(&mut self, frames: &mut Vec<u8>, of: Option<Pid>, when: When) {
        self.has_written = true;
        match (&self.state, when) {
            (_, When::First) => self.first.extend_from_slice(frames),
            (State::Open { in_parts: true, .. }, _) if self.streams.take(frames, of) => {}
            _ => self.queue.add(frames),
        }
    }

    /// What whoever has sent something that is to be written at this time writes at once; the task writes what was too much
    /// for the socket before.
    pub(super) fn take_now(&mut self, when: When) -> Option<Taken> {
        let is_due = match when {
            When::Now => true,
            When::Soon | When::First => self.to_take() >= WORTH_A_WRITE,
            When::Later => false,
        };
        if is_due && self.unfinished.is_none() { self.take() } else { None }
    }

    /// What is left of what was not written at a time, or else what comes next; nothing while somebody writes. Whoever
    /// takes it writes it, and says so when it [wrote](Self::wrote).
    pub(super) fn take(&mut self) -> Option<Taken> {
        let State::Open { carrier, .. } = &self.state else { return None };
        if self.is_writing {
            return None;
        }
        let carrier = carrier.clone();
        let (bytes, written) = match self.unfinished.take() {
            Some(unfinished) => unfinished,
            None if self.to_take() == 0 => return None,
            None => (self.take_next(), 0),
        };
        self.is_writing = true;
        self.being_written = bytes.len() - written;
        Some((carrier, bytes, written))
    }

    /// What goes before everything else, or what is next in the queue; and a part of a stream.
    fn take_next(&mut self) -> Vec<u8> {
        let mut next = if self.first.is_empty() { self.queue.take() } else { mem::take(&mut self.first) };
        self.streams.write_part(&mut next);
        next
    }

    /// Of what was taken, so much is written.
    pub(super) fn wrote(&mut self, bytes: Vec<u8>, written: usize) {
        (self.is_writing, self.being_written) = (false, 0);
        if written < bytes.len() {
            self.unfinished = Some((bytes, written));
        } else {
            self.queue.give_back(bytes);
        }
    }

    /// Keeps nothing to write into.
    pub(super) fn shrink(&mut self) {
        self.queue.shrink();
    }

    /// Drops what was not written.
    pub(super) fn clear(&mut self) {
        (self.first, self.queue, self.streams) = (Vec::new(), Queue::default(), Streams::default());
        self.unfinished = None;
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::task::{Context, Poll};

    use super::super::streams::PART;
    use super::*;
    use crate::dist::connection::words::{OURS, Word};
    use crate::dist::frame::{Frames, Prefix};

    struct Nowhere;

    impl Carrier for Nowhere {
        fn try_read(&self, _: &mut [u8]) -> io::Result<usize> {
            Ok(0)
        }

        fn poll_readable(&self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Pending
        }

        fn try_write(&self, _: &[u8]) -> io::Result<usize> {
            Ok(0)
        }

        fn poll_writable(&self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Pending
        }
    }

    fn open(in_parts: bool) -> Out {
        Out { state: State::Open { carrier: Arc::new(Nowhere), in_parts }, ..Out::default() }
    }

    /// A message whose bytes are all `byte`, behind its length.
    fn message(byte: u8, length: usize) -> Vec<u8> {
        [&(length as u32).to_be_bytes()[..], &vec![byte; length]].concat()
    }

    /// Takes all that waits: the first bytes of the messages in the order in which they are whole on the other side.
    fn order(out: &mut Out) -> Vec<u8> {
        let (mut order, mut outer) = (Vec::new(), Frames::new(Prefix::Four, usize::MAX));
        let mut inner = std::collections::HashMap::<u32, Frames>::new();
        while let Some((_, bytes, written)) = out.take() {
            outer.extend(&bytes[written..]);
            out.wrote(bytes, usize::MAX);
            while let Some(frame) = outer.next().expect("short") {
                if frame[0] != OURS {
                    order.push(frame[0]);
                    continue;
                }
                let Ok(Word::Part { stream, bytes, .. }) = Word::read(&frame[1..]) else { panic!("a part") };
                let frames = inner.entry(stream).or_insert_with(|| Frames::new(Prefix::Four, usize::MAX));
                frames.extend(bytes);
                while let Some(frame) = frames.next().expect("short") {
                    order.push(frame[0]);
                }
            }
        }
        order
    }

    #[test]
    fn a_big_message_delays_nobody_but_its_sender() {
        let (big, small) = (Some(Pid::nth(1)), Some(Pid::nth(2)));
        let mut out = open(true);
        out.add(&mut message(1, 10 * PART), big, When::Soon);
        out.add(&mut message(2, 10), big, When::Soon);
        out.add(&mut message(3, 10), small, When::Soon);
        out.add(&mut message(4, 5 * PART), small, When::Soon);
        out.add(&mut message(5, 10), None, When::First);
        let waiting = out.waiting_bytes();
        assert_eq!(waiting, 15 * PART + 30 + 5 * 4);
        assert_eq!(order(&mut out), [5, 3, 4, 1, 2]);
        assert_eq!(out.waiting_bytes(), 0);
        out.add(&mut message(6, 10), big, When::Soon);
        assert_eq!(order(&mut out), [6]);
    }

    #[test]
    fn who_does_not_know_parts_gets_messages_whole_and_in_order() {
        let mut out = open(false);
        out.add(&mut message(1, 3 * PART), Some(Pid::nth(1)), When::Soon);
        out.add(&mut message(2, 10), Some(Pid::nth(2)), When::Soon);
        assert_eq!(order(&mut out), [1, 2]);
    }

    #[test]
    fn what_was_not_written_comes_before_anything_else() {
        let mut out = open(true);
        out.add(&mut message(1, 10), None, When::Soon);
        let (_, bytes, _) = out.take().expect("a message");
        out.wrote(bytes, 5);
        out.add(&mut message(2, 10), None, When::First);
        let (_, bytes, written) = out.take().expect("the rest");
        assert_eq!((&bytes, written), (&message(1, 10), 5));
        assert!(out.take().is_none());
        out.wrote(bytes, 14);
        assert_eq!(order(&mut out), [2]);
    }
}
