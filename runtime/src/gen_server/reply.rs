//! The way back: where the answer to one call goes.

use std::fmt;

use tokio::sync::oneshot;

/// Where the answer to one call goes.
///
/// It moves: a server may keep it and answer later, or hand it to another process.
/// Dropping it unanswered fails the call at once.
///
/// Source: OTP's `From` and `gen_server:reply/2`; renamed because `From` is taken in Rust.
pub struct ReplyTo<R> {
    /// Taken when answered.
    sender: Option<oneshot::Sender<Answer<R>>>,
}

/// What comes back: the answer, unless the callee is about to end by a panic and the caller shall learn why.
pub(super) type Answer<R> = Result<R, Unwinding>;

/// A panic drops the [`ReplyTo`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Unwinding;

impl<R> ReplyTo<R> {
    /// A way back, and its other end. The other end is closed when the caller stops waiting, and says so by failing
    /// when this one is dropped.
    pub(super) fn new() -> (Self, oneshot::Receiver<Answer<R>>) {
        let (sender, receiver) = oneshot::channel();
        (Self { sender: Some(sender) }, receiver)
    }

    /// Answers the call. An answer that nobody waits for any more is dropped.
    pub fn reply(mut self, answer: R) {
        if let Some(sender) = self.sender.take() {
            drop(sender.send(Ok(answer)));
        }
    }

    /// Whether nobody waits any more: the deadline has passed, or the caller is gone. Such a call is not worth starting.
    pub fn is_abandoned(&self) -> bool {
        self.sender.as_ref().is_none_or(oneshot::Sender::is_closed)
    }
}

impl<R> Drop for ReplyTo<R> {
    fn drop(&mut self) {
        if let Some(sender) = self.sender.take()
            && std::thread::panicking()
        {
            drop(sender.send(Err(Unwinding)));
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
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_dropped_reply_fails_the_caller_at_once() {
        let (reply, mut answer) = ReplyTo::<u8>::new();
        assert_eq!(answer.try_recv(), Err(oneshot::error::TryRecvError::Empty));
        drop(reply);
        assert_eq!(answer.try_recv(), Err(oneshot::error::TryRecvError::Closed));
    }

    #[test]
    fn a_late_reply_is_dropped() {
        let (reply, answer) = ReplyTo::new();
        drop(answer);
        assert!(reply.is_abandoned());
        let late = Arc::new(());
        reply.reply(late.clone());
        assert_eq!(Arc::strong_count(&late), 1);
    }
}
