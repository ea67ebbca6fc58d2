//! Calling.

use std::fmt;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::Instant;

use super::deadline::Deadline;
use super::slot::{Lost, Until, Waiting};
use super::{CallError, ReplyTo};
use crate::process::{AnyCell, Current, NEVER, WaitExit, running};
use crate::registry::{Address, Protocol, Resolved};

/// How long a call waits unless told otherwise.
///
/// Source: OTP `gen_server:call/2`, 5000 ms.
const DEFAULT_DEADLINE: Duration = Duration::from_secs(5);

/// How short a wait is that must not be lost to a late turn of the callee.
const BRIEF: Duration = Duration::from_secs(1);

/// One call: sent when first awaited, answered within its deadline or failed.
///
/// The deadline is 5 s (`gen_server:call/2`) unless [`within`](Self::within) or [`infinity`](Self::infinity) says
/// otherwise. That the callee ends is seen at once and needs no deadline.
///
/// A call that a handler makes while it answers another never waits longer than that one does: its deadline is the
/// earlier of the two, also with `infinity`, unless it is [`detached`](Self::detached). A server does not begin with a
/// call whose deadline has passed.
///
/// Differs: in OTP each call has a deadline of its own, so a server works on for callers that left.
///
/// # Cancel safety
/// Dropping the call after it was sent does not take it back; its reply is dropped, and if the server has not started
/// on it, it never does.
#[must_use = "a call is sent when it is awaited"]
pub struct Call<'a, P: Protocol, R> {
    address: &'a Address<P>,
    /// Nothing for `infinity`.
    wait: Option<Duration>,
    /// Not bound by the deadline of the call that is being answered.
    detached: bool,
    state: State<'a, P, R>,
}

enum State<'a, P: Protocol, R> {
    Unsent {
        message: P::Message,
        answer: Waiting<R>,
    },
    Waiting {
        answer: Waiting<R>,
        callee: Resolved<'a, P>,
        deadline: Option<Deadline>,
    },
    /// The callee unwinds; wait until it can be said why.
    Dying {
        exit: WaitExit,
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
        Call { address: self, wait: Some(DEFAULT_DEADLINE), detached: false, state }
    }
}

impl<'a, P: Protocol, R> Call<'a, P, R> {
    /// Waits no longer than `wait`.
    pub fn within(mut self, wait: Duration) -> Self {
        self.wait = Some(wait);
        self
    }

    /// Waits for as long as the callee lives; in a handler of a call, for as long as the caller waits.
    pub fn infinity(mut self) -> Self {
        self.wait = None;
        self
    }

    /// Waits for as long as it was told, even if the handler that makes the call answers one that waits shorter.
    ///
    /// For what must be finished although the caller may have left, such as the second half of a transfer.
    pub fn detached(mut self) -> Self {
        self.detached = true;
        self
    }

    /// The message, if it was not delivered: the call has failed and the callee never saw it, or was never awaited.
    pub fn into_undelivered(self) -> Option<P::Message> {
        match self.state {
            State::Unsent { message, .. } | State::Undelivered(message) => Some(message),
            State::Waiting { .. } | State::Dying { .. } | State::Done => None,
        }
    }

    /// Sends the message; to be called once, while it is unsent.
    fn send(&mut self, cx: &mut Context<'_>) -> Result<(), CallError> {
        let State::Unsent { message, answer } = mem::replace(&mut self.state, State::Done) else {
            return Ok(());
        };
        let (error, message) = match self.prepare(&answer, cx) {
            Ok((callee, deadline)) => match callee.send(message) {
                Ok(()) => {
                    self.state = State::Waiting { answer, callee, deadline };
                    return Ok(());
                }
                Err(message) => (CallError::NoProc, message),
            },
            Err(error) => (error, message),
        };
        self.state = State::Undelivered(message);
        Err(error)
    }

    /// Finds the callee and sees to it that the caller is woken, by the answer or at the deadline.
    fn prepare(
        &self,
        answer: &Waiting<R>,
        cx: &mut Context<'_>,
    ) -> Result<(Resolved<'a, P>, Option<Deadline>), CallError> {
        let callee = self.address.resolve()?;
        let head = callee.head();
        let inherited = running::with(|current| match current {
            Some(Current::Process { cell, .. }) if cell.head().pid == head.pid => Err(CallError::CallingSelf),
            Some(Current::Process { cell, due, .. }) => Ok(cell.head().node.timers().instant(due.get())),
            Some(Current::Node(_)) | None => Ok(None),
        })?;
        let inherited = inherited.filter(|_| !self.detached);
        let now = if self.wait.is_some() || inherited.is_some() { Some(Instant::now()) } else { None };
        let own = self.wait.zip(now).and_then(|(wait, now)| now.checked_add(wait));
        let at = own.into_iter().chain(inherited).min();
        if at.is_some() && at <= now {
            return Err(CallError::Timeout);
        }
        answer.prepare(
            cx,
            Until {
                deadline: at,
                due: at.map_or(NEVER, |at| head.node.timers().due(at)),
                brief: at.zip(now).is_some_and(|(at, now)| at.duration_since(now) < BRIEF),
            },
        );
        let mut deadline = at.map(Deadline::new);
        if let Some(deadline) = &mut deadline {
            deadline.arm(cx);
        }
        Ok((callee, deadline))
    }

    fn poll_outcome(&mut self, cx: &mut Context<'_>) -> Poll<Result<R, CallError>> {
        if let State::Waiting { answer, callee, deadline } = &mut self.state {
            match answer.poll(cx) {
                Poll::Pending => return poll_timeout(deadline, cx),
                Poll::Ready(Ok(answer)) => return Poll::Ready(Ok(answer)),
                Poll::Ready(Err(lost)) => match (callee.exit_reason(), lost) {
                    (Some(reason), _) => return Poll::Ready(Err(CallError::Exited(reason))),
                    (None, Lost::Unwinding) => {
                        let exit = WaitExit::new(callee.process());
                        self.state = State::Dying { exit, deadline: deadline.take() };
                    }
                    // Not begun, because it was too late, or forgotten.
                    (None, Lost::Dropped) => {
                        let late = deadline.as_ref().is_some_and(Deadline::has_passed);
                        return Poll::Ready(Err(if late { CallError::Timeout } else { CallError::NoReply }));
                    }
                },
            }
        }
        if let State::Dying { exit, deadline } = &mut self.state {
            return match Pin::new(exit).poll(cx) {
                Poll::Pending => poll_timeout(deadline, cx),
                Poll::Ready(reason) => Poll::Ready(Err(CallError::Exited(reason))),
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
            this.send(cx)?;
            // Whatever comes, wakes it.
            return Poll::Pending;
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
