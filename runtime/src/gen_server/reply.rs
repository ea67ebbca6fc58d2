//! The way back: where the answer to one call goes.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

/// Where the answer to one call goes.
///
/// It moves: a server may keep it and answer later, or hand it to another process.
/// Dropping it unanswered fails the call at once.
///
/// Source: OTP's `From` and `gen_server:reply/2`; renamed because `From` is taken in Rust.
pub struct ReplyTo<R> {
    /// Taken when answered.
    slot: Option<Arc<Slot<R>>>,
}

/// One answer, shared by the caller and the callee.
pub(crate) struct Slot<R>(Mutex<State<R>>);

enum State<R> {
    Waiting(Option<Waker>),
    Answered(R),
    /// The callee will not answer.
    Dropped(Dropped),
    /// The caller stopped waiting.
    Abandoned,
}

/// How a [`ReplyTo`] was dropped.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dropped {
    /// By a handler, or with a mailbox.
    Calmly,
    /// By a panic: the callee is about to end, and the caller shall learn why.
    Unwinding,
}

impl<R> Slot<R> {
    /// A slot without an answer, and the way to answer it.
    pub(crate) fn new() -> (Arc<Self>, ReplyTo<R>) {
        let slot = Arc::new(Self(Mutex::new(State::Waiting(None))));
        (slot.clone(), ReplyTo { slot: Some(slot) })
    }

    fn state(&self) -> MutexGuard<'_, State<R>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer, or how it was lost; pending wakes `waker` when either comes.
    pub(crate) fn poll(&self, waker: &Waker) -> Poll<Result<R, Dropped>> {
        let mut state = self.state();
        match &mut *state {
            State::Waiting(Some(known)) if known.will_wake(waker) => return Poll::Pending,
            State::Waiting(known) => {
                *known = Some(waker.clone());
                return Poll::Pending;
            }
            State::Dropped(dropped) => return Poll::Ready(Err(*dropped)),
            State::Answered(_) | State::Abandoned => {}
        }
        match std::mem::replace(&mut *state, State::Abandoned) {
            State::Answered(answer) => Poll::Ready(Ok(answer)),
            // Polled after it gave its answer; there is no second one.
            State::Abandoned | State::Waiting(_) | State::Dropped(_) => Poll::Pending,
        }
    }

    /// The caller stops waiting: the callee need not start, and an answer is dropped.
    pub(crate) fn abandon(&self) {
        let late = std::mem::replace(&mut *self.state(), State::Abandoned);
        drop(late);
    }

    /// Settles the slot unless the caller is gone; gives back what then has no taker.
    fn settle(&self, settled: State<R>) -> Option<State<R>> {
        let mut state = self.state();
        let waker = match &mut *state {
            State::Waiting(waker) => waker.take(),
            State::Abandoned | State::Answered(_) | State::Dropped(_) => return Some(settled),
        };
        *state = settled;
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        None
    }
}

impl<R> ReplyTo<R> {
    /// Answers the call. An answer that nobody waits for any more is dropped.
    pub fn reply(mut self, answer: R) {
        if let Some(slot) = self.slot.take() {
            drop(slot.settle(State::Answered(answer)));
        }
    }

    /// Whether nobody waits any more: the deadline has passed, or the caller is gone. Such a call is not worth starting.
    pub fn is_abandoned(&self) -> bool {
        self.slot.as_ref().is_none_or(|slot| matches!(*slot.state(), State::Abandoned))
    }
}

impl<R> Drop for ReplyTo<R> {
    fn drop(&mut self) {
        if let Some(slot) = self.slot.take() {
            let how = if std::thread::panicking() { Dropped::Unwinding } else { Dropped::Calmly };
            drop(slot.settle(State::Dropped(how)));
        }
    }
}

impl<R> fmt::Debug for ReplyTo<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplyTo").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poll<R>(slot: &Slot<R>) -> Poll<Result<R, Dropped>> {
        slot.poll(Waker::noop())
    }

    #[test]
    fn a_dropped_reply_fails_the_caller_at_once() {
        let (slot, reply) = Slot::<u8>::new();
        assert!(poll(&slot).is_pending());
        drop(reply);
        assert!(matches!(poll(&slot), Poll::Ready(Err(Dropped::Calmly))));
    }

    #[test]
    fn a_late_reply_is_dropped() {
        let (slot, reply) = Slot::new();
        slot.abandon();
        assert!(reply.is_abandoned());
        let answer = Arc::new(());
        reply.reply(answer.clone());
        assert_eq!(Arc::strong_count(&answer), 1);
    }

    #[test]
    fn an_answer_is_taken_once() {
        let (slot, reply) = Slot::new();
        reply.reply(7);
        assert!(matches!(poll(&slot), Poll::Ready(Ok(7))));
        assert!(poll(&slot).is_pending());
    }
}
