//! The way back: where the answer to one call goes.

use std::fmt;

use tokio::time::Instant;

use super::slot::{self, Lost, Slot, Waiting};
use crate::process::running;
use crate::process::sync::Arc;

/// Where the answer to one call goes.
///
/// It moves: a server may keep it and answer later, or hand it to another process.
/// Dropping it unanswered fails the call at once; if a panic drops it, as soon as the process has ended, or goes on.
/// It knows until when the caller waits: [`deadline`](Self::deadline), and [`scope`](Self::scope) for work that is done
/// for the call elsewhere than in its handler.
///
/// Source: OTP's `From` and `gen_server:reply/2`; renamed because `From` is taken in Rust.
pub struct ReplyTo<R: 'static> {
    /// Taken when answered.
    slot: Option<Arc<Slot<R>>>,
}

impl<R: 'static> ReplyTo<R> {
    /// A way back, and its other end.
    pub(super) fn new() -> (Self, Waiting<R>) {
        let slot = Slot::new();
        (Self { slot: Some(slot.clone()) }, Waiting::new(slot))
    }

    /// The slot, which the call leaves with; nothing happens when this is dropped.
    pub(super) fn take_slot(&mut self) -> Option<Arc<Slot<R>>> {
        self.slot.take()
    }

    /// Answers the call. An answer that nobody waits for any more is dropped.
    ///
    /// What the handler does from here on is done for nobody, and has no deadline.
    pub fn reply(self, answer: R) {
        if let Some(slot) = &self.slot {
            running::answered(slot.due());
        }
        self.answer(answer);
    }

    /// Answers the call at the end of its handler; called by generated code.
    #[doc(hidden)]
    pub fn answer(mut self, answer: R) {
        if let Some(slot) = self.slot.take() {
            slot::finish(slot, Ok(answer));
        }
    }

    /// Begins to work for the caller, unless nobody waits any more; called by generated code.
    #[doc(hidden)]
    pub fn begin(&self) -> Option<Serving> {
        let slot = self.slot.as_ref().filter(|slot| !slot::is_closed(slot))?;
        running::serve_until(slot.due(), slot.is_brief()).then_some(Serving(()))
    }

    /// As [`begin`](Self::begin), for a handler that is given this and may keep it; called by generated code.
    #[doc(hidden)]
    pub fn begin_deferred(&self) -> Option<Serving> {
        let serving = self.begin()?;
        self.slot.as_ref()?.set_deferred();
        Some(serving)
    }

    /// Until when the caller waits; nothing for one that waits for as long as it takes.
    pub fn deadline(&self) -> Option<Instant> {
        self.slot.as_ref().and_then(|slot| slot.deadline())
    }

    /// Runs `future` for this call: calls made in it do not outlive the caller's deadline, as those of a handler.
    ///
    /// For work that is done after the handler of the call has ended.
    pub async fn scope<F: Future>(&self, future: F) -> F::Output {
        match self.deadline() {
            Some(at) => crate::process::with_deadline(at, future).await,
            None => future.await,
        }
    }

    /// Whether nobody waits any more: the deadline has passed, or the caller is gone. Such a call is not worth starting.
    pub fn is_abandoned(&self) -> bool {
        self.slot.as_ref().is_none_or(|slot| slot::is_closed(slot))
            || self.deadline().is_some_and(|at| at <= Instant::now())
    }
}

impl<R: 'static> Drop for ReplyTo<R> {
    fn drop(&mut self) {
        if let Some(slot) = self.slot.take() {
            if std::thread::panicking() {
                // The caller shall learn why its callee ended, which is not known yet, nor whether it ends.
                running::keep_while_unwinding(Box::new(Unanswered { slot: Some(slot) }));
                return;
            }
            let lost = if running::is_discarding() { Lost::Discarded } else { Lost::Dropped };
            slot::finish(slot, Err(lost));
        }
    }
}

/// A call that a panic left without an answer; fails when dropped.
struct Unanswered<R> {
    slot: Option<Arc<Slot<R>>>,
}

impl<R> Drop for Unanswered<R> {
    fn drop(&mut self) {
        if let Some(slot) = self.slot.take() {
            slot::finish(slot, Err(Lost::Dropped));
        }
    }
}

impl<R: 'static> fmt::Debug for ReplyTo<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplyTo").finish_non_exhaustive()
    }
}

/// Held while a handler works for a caller.
#[doc(hidden)]
#[derive(Debug)]
pub struct Serving(());

impl Drop for Serving {
    fn drop(&mut self) {
        running::serve_nobody();
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn poll<R>(waiting: &mut Waiting<R>) -> Poll<Result<R, Lost>> {
        waiting.poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn a_dropped_reply_fails_the_caller_at_once() {
        let (reply, mut waiting) = ReplyTo::<u8>::new();
        assert!(poll(&mut waiting).is_pending());
        drop(reply);
        assert_eq!(poll(&mut waiting), Poll::Ready(Err(Lost::Dropped)));
    }

    #[test]
    fn a_late_reply_is_dropped() {
        let (reply, waiting) = ReplyTo::new();
        drop(waiting);
        assert!(reply.is_abandoned());
        let late = Arc::new(());
        reply.reply(late.clone());
        assert_eq!(Arc::strong_count(&late), 1);
    }
}
