//! Calling.

use std::fmt;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::deadline::Deadline;
use super::reply::{Answer, Unwinding};
use super::{CallError, ReplyTo};
use crate::process::{AnyCell, ExitReason, running, watch_exit};
use crate::registry::{Address, Protocol, Resolved};

/// How long a call waits unless told otherwise.
///
/// Source: OTP `gen_server:call/2`, 5000 ms.
const DEFAULT_DEADLINE: Duration = Duration::from_secs(5);

/// One call: sent when first awaited, answered within its deadline or failed.
///
/// The deadline is 5 s (`gen_server:call/2`) unless [`within`](Self::within) or [`infinity`](Self::infinity) says
/// otherwise. That the callee ends is seen at once and needs no deadline.
///
/// # Cancel safety
/// Dropping the call after it was sent does not take it back; its reply is dropped, and if the server has not started
/// on it, it never does.
#[must_use = "a call is sent when it is awaited"]
pub struct Call<'a, P: Protocol, R> {
    address: &'a Address<P>,
    /// Nothing for `infinity`.
    wait: Option<Duration>,
    state: State<'a, P, R>,
}

enum State<'a, P: Protocol, R> {
    Unsent {
        message: P::Message,
        answer: oneshot::Receiver<Answer<R>>,
    },
    Waiting {
        answer: oneshot::Receiver<Answer<R>>,
        callee: Resolved<'a, P>,
        deadline: Option<Deadline>,
    },
    /// The callee unwinds; wait until it can be said why.
    Dying {
        exit: oneshot::Receiver<ExitReason>,
        deadline: Option<Deadline>,
    },
    Undelivered(P::Message),
    Done,
}

impl<P: Protocol> Address<P> {
    /// A call whose message is built by `message` around the way back.
    pub fn call<R>(&self, message: impl FnOnce(ReplyTo<R>) -> P::Message) -> Call<'_, P, R> {
        let (reply, answer) = ReplyTo::new();
        let state = State::Unsent { message: message(reply), answer };
        Call { address: self, wait: Some(DEFAULT_DEADLINE), state }
    }
}

impl<'a, P: Protocol, R> Call<'a, P, R> {
    /// Waits no longer than `wait`.
    pub fn within(mut self, wait: Duration) -> Self {
        self.wait = Some(wait);
        self
    }

    /// Waits for as long as the callee lives.
    pub fn infinity(mut self) -> Self {
        self.wait = None;
        self
    }

    /// The message, if it was not delivered: the call has failed and the callee never saw it, or was never awaited.
    pub fn into_undelivered(self) -> Option<P::Message> {
        match self.state {
            State::Unsent { message, .. } | State::Undelivered(message) => Some(message),
            State::Waiting { .. } | State::Dying { .. } | State::Done => None,
        }
    }

    /// Delivers the message, or gives it back.
    fn deliver(
        address: &'a Address<P>,
        message: P::Message,
    ) -> Result<Resolved<'a, P>, (CallError, P::Message)> {
        let callee = match address.resolve() {
            Ok(callee) => callee,
            Err(error) => return Err((error.into(), message)),
        };
        if running::pid() == Some(callee.head().pid) {
            return Err((CallError::CallingSelf, message));
        }
        match callee.send(message) {
            Ok(()) => Ok(callee),
            Err(message) => Err((CallError::NoProc, message)),
        }
    }

    /// Sends the message; to be called once, while it is unsent.
    fn send(&mut self) -> Result<(), CallError> {
        let State::Unsent { message, answer } = mem::replace(&mut self.state, State::Done) else {
            return Ok(());
        };
        let deadline = self.wait.and_then(|wait| Instant::now().checked_add(wait)).map(Deadline::new);
        match Self::deliver(self.address, message) {
            Ok(callee) => self.state = State::Waiting { answer, callee, deadline },
            Err((error, message)) => {
                self.state = State::Undelivered(message);
                return Err(error);
            }
        }
        Ok(())
    }

    fn poll_outcome(&mut self, cx: &mut Context<'_>) -> Poll<Result<R, CallError>> {
        if let State::Waiting { answer, callee, deadline } = &mut self.state {
            match Pin::new(answer).poll(cx) {
                Poll::Pending => return poll_timeout(deadline, cx),
                Poll::Ready(Ok(Ok(answer))) => return Poll::Ready(Ok(answer)),
                Poll::Ready(lost) => match (callee.exit_reason(), lost) {
                    (Some(reason), _) => return Poll::Ready(Err(CallError::Exited(reason))),
                    (None, Ok(Err(Unwinding))) => {
                        let exit = watch_exit(&**callee);
                        self.state = State::Dying { exit, deadline: deadline.take() };
                    }
                    (None, _) => return Poll::Ready(Err(CallError::NoReply)),
                },
            }
        }
        if let State::Dying { exit, deadline } = &mut self.state {
            return match Pin::new(exit).poll(cx) {
                Poll::Pending => poll_timeout(deadline, cx),
                Poll::Ready(reason) => {
                    Poll::Ready(Err(CallError::Exited(reason.unwrap_or(ExitReason::NoProc))))
                }
            };
        }
        Poll::Pending
    }
}

fn poll_timeout<R>(deadline: &mut Option<Deadline>, cx: &mut Context<'_>) -> Poll<Result<R, CallError>> {
    match deadline {
        Some(deadline) => {
            ready!(deadline.poll(cx));
            Poll::Ready(Err(CallError::Timeout))
        }
        None => Poll::Pending,
    }
}

impl<P: Protocol, R> Future for Call<'_, P, R> {
    type Output = Result<R, CallError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        if let State::Unsent { .. } = this.state {
            this.send()?;
        }
        let outcome = ready!(this.poll_outcome(cx));
        // Drops the way back: a late answer has nowhere to go, and a call not yet begun is not begun.
        this.state = State::Done;
        Poll::Ready(outcome)
    }
}

// Nothing in it is pinned.
impl<P: Protocol, R> Unpin for Call<'_, P, R> {}

impl<P: Protocol, R> fmt::Debug for Call<'_, P, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("to", self.address).field("wait", &self.wait).finish_non_exhaustive()
    }
}
