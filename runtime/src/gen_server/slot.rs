//! What the two ends of one call share: the answer, who waits for it, and until when.
//!
//! The one lock of a call. A oneshot of our own rather than tokio's, because the deadline has to be written after the
//! message was built around its other end.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};

use tokio::time::Instant;

use crate::process::remote::Failure;
use crate::process::sync::{Arc, AtomicBool, AtomicU64, Mutex, MutexGuard};
use crate::process::{Epoch, NEVER, WaitPath};

/// What the two ends of one call share. An end that holds the only count knows that the other is gone.
pub(super) struct Slot<R> {
    /// Until when the caller waits, on the clock of the callee's node; written before the message is sent.
    due: AtomicU64,
    /// The caller waits so shortly that a late turn of the callee may already be too late.
    brief: AtomicBool,
    /// The answer is in the hands of user code, which may give it to anybody.
    deferred: AtomicBool,
    state: Mutex<State<R>>,
}

struct State<R> {
    outcome: Option<Result<R, Lost>>,
    waker: Option<Waker>,
    /// What `due` is told by, once it is known.
    epoch: Option<Epoch>,
}

/// Why there is no answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Lost {
    /// The callee dropped its [`ReplyTo`](super::ReplyTo).
    Dropped,
    /// The message had to go for a newer one.
    Discarded,
    /// It is part of a cycle.
    Cycle(WaitPath),
    /// Another node says so, or the way to it.
    Failed(Box<Failure>),
}

impl<R> Slot<R> {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            due: AtomicU64::new(NEVER),
            brief: AtomicBool::new(false),
            deferred: AtomicBool::new(false),
            state: Mutex::new(State { outcome: None, waker: None, epoch: None }),
        })
    }

    fn state(&self) -> MutexGuard<'_, State<R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn due(&self) -> u64 {
        self.due.load(Ordering::Relaxed)
    }

    pub(super) fn is_brief(&self) -> bool {
        self.brief.load(Ordering::Relaxed)
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        let epoch = self.state().epoch?;
        epoch.instant(self.due())
    }

    pub(super) fn has_outcome(&self) -> bool {
        self.state().outcome.is_some()
    }

    pub(super) fn is_deferred(&self) -> bool {
        self.deferred.load(Ordering::Relaxed)
    }

    pub(super) fn set_deferred(&self) {
        self.deferred.store(true, Ordering::Relaxed);
    }

    /// Whom to wake, if this outcome counts.
    fn set_outcome(&self, outcome: Result<R, Lost>) -> Option<Waker> {
        let mut state = self.state();
        if state.outcome.is_some() {
            // Not before the outcome, which may run user code.
            drop(state);
            return None;
        }
        state.outcome = Some(outcome);
        state.waker.take()
    }
}

/// Ends the call of others; only the first outcome counts.
pub(super) fn fail<R>(slot: &Slot<R>, lost: Lost) {
    if let Some(waker) = slot.set_outcome(Err(lost)) {
        waker.wake();
    }
}

/// Whether the caller waits no longer.
pub(super) fn is_closed<R>(slot: &Arc<Slot<R>>) -> bool {
    Arc::strong_count(slot) == 1
}

/// Ends the call; only the first outcome counts.
pub(super) fn finish<R>(slot: Arc<Slot<R>>, outcome: Result<R, Lost>) {
    let waker = slot.set_outcome(outcome);
    // Before the caller wakes, so that it finds itself alone and takes the answer without a lock.
    drop(slot);
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// The caller's end.
pub(super) struct Waiting<R>(Option<Arc<Slot<R>>>);

impl<R> Waiting<R> {
    pub(super) fn new(slot: Arc<Slot<R>>) -> Self {
        Self(Some(slot))
    }

    /// The call, while it waits.
    pub(super) fn slot(&self) -> Option<&Arc<Slot<R>>> {
        self.0.as_ref()
    }

    /// Says until when the caller waits, and who is to be woken; before the message is sent.
    pub(super) fn prepare(&self, cx: &Context<'_>, until: Until) {
        if let Some(slot) = &self.0 {
            slot.due.store(until.due, Ordering::Relaxed);
            slot.brief.store(until.brief, Ordering::Relaxed);
            let mut state = slot.state();
            state.epoch = Some(until.epoch);
            state.waker = Some(cx.waker().clone());
        }
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<R, Lost>> {
        let Some(slot) = self.0.take() else { return Poll::Pending };
        let slot = if is_closed(&slot) {
            match Arc::try_unwrap(slot) {
                Ok(slot) => {
                    let state = slot.state.into_inner().unwrap_or_else(PoisonError::into_inner);
                    return Poll::Ready(state.outcome.unwrap_or(Err(Lost::Dropped)));
                }
                Err(slot) => slot,
            }
        } else {
            slot
        };
        let replaced = {
            let mut state = slot.state();
            if let Some(outcome) = state.outcome.take() {
                return Poll::Ready(outcome);
            }
            match &state.waker {
                Some(waker) if waker.will_wake(cx.waker()) => None,
                _ => state.waker.replace(cx.waker().clone()),
            }
        };
        drop(replaced);
        self.0 = Some(slot);
        Poll::Pending
    }
}

impl<R> Drop for Waiting<R> {
    fn drop(&mut self) {
        if let Some(slot) = self.0.take() {
            // The other end may be kept for long; the task that waited must not be.
            let waker = slot.state().waker.take();
            drop(waker);
        }
    }
}

/// Until when a caller waits.
#[derive(Clone, Copy)]
pub(super) struct Until {
    /// On the clock of the callee's node ...
    pub(super) due: u64,
    /// ... which began then.
    pub(super) epoch: Epoch,
    pub(super) brief: bool,
}
