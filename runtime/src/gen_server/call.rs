//! Calling and casting.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::deadline::Deadline;
use super::reply::{Dropped, Slot};
use super::{CallError, CastError, ReplyTo};
use crate::process::{AnyCell, Cell, ExitReason, running, watch_exit};
use crate::registry::{Address, Client, Name, Protocol, Ref};

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
    slot: Arc<Slot<R>>,
    wait: Option<Duration>,
    state: State<P::Message>,
}

enum State<M> {
    Unsent(M),
    /// Sent; the deadline is nothing for `infinity`.
    Waiting {
        callee: Arc<Cell<M>>,
        deadline: Option<Deadline>,
    },
    /// The callee unwinds; wait until it can be said why.
    Dying {
        exit: oneshot::Receiver<ExitReason>,
        deadline: Option<Deadline>,
    },
    Undelivered(M),
    Done,
}

impl<P: Protocol> Address<P> {
    /// A call whose message is built by `message` around the way back.
    pub fn call<R>(&self, message: impl FnOnce(ReplyTo<R>) -> P::Message) -> Call<'_, P, R> {
        let (slot, reply) = Slot::new();
        let state = State::Unsent(message(reply));
        Call { address: self, slot, wait: Some(DEFAULT_DEADLINE), state }
    }

    /// Sends `message` and does not wait.
    ///
    /// # Errors
    /// The message comes back if nobody is there to take it; see [`CastError`].
    pub fn cast(&self, message: P::Message) -> Result<(), CastError<P::Message>> {
        let mut message = Some(message);
        let sent = self.with(|cell| match message.take() {
            Some(it) => cell.send(it).map_err(|back| message = Some(back)).is_ok(),
            None => false,
        });
        let error = match sent {
            Ok(true) => return Ok(()),
            Ok(false) => CallError::NoProc,
            Err(error) => error.into(),
        };
        match message {
            Some(message) => Err(CastError { error, message: Box::new(message) }),
            // Delivered: the closure took it and did not give it back.
            None => Ok(()),
        }
    }
}

impl<P: Protocol> Ref<P> {
    /// Sends `message`, one that the server handles with `#[info]`, and does not wait.
    ///
    /// Source: OTP `erlang:send/2`.
    ///
    /// # Errors
    /// The message comes back, converted, if nobody is there to take it.
    pub fn send<T>(this: &Self, message: T) -> Result<(), CastError<P::Message>>
    where
        P::Message: From<T>,
    {
        this.address().cast(message.into())
    }
}

impl<P: Protocol> Name<P> {
    /// Sends `message`, one that the server handles with `#[info]`, and does not wait.
    ///
    /// Source: OTP `erlang:send/2`.
    ///
    /// # Errors
    /// The message comes back, converted, if nobody is there to take it.
    pub fn send<T>(this: &Self, message: T) -> Result<(), CastError<P::Message>>
    where
        P::Message: From<T>,
    {
        this.address().cast(message.into())
    }
}

impl<P: Protocol, R> Call<'_, P, R> {
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
    pub fn into_undelivered(mut self) -> Option<P::Message> {
        match std::mem::replace(&mut self.state, State::Done) {
            State::Unsent(message) | State::Undelivered(message) => Some(message),
            State::Waiting { .. } | State::Dying { .. } | State::Done => None,
        }
    }

    /// Sends the message, or fails and keeps it.
    fn send(&mut self) -> Result<(), CallError> {
        let State::Unsent(message) = std::mem::replace(&mut self.state, State::Done) else {
            return Ok(());
        };
        let mut message = Some(message);
        let sent = self.address.with(|callee| {
            if running::pid() == Some(callee.head().pid) {
                return Err(CallError::CallingSelf);
            }
            match message.take().map(|it| callee.send(it)) {
                Some(Err(back)) => {
                    message = Some(back);
                    Err(CallError::NoProc)
                }
                Some(Ok(())) | None => Ok(callee.clone()),
            }
        });
        match sent.map_err(CallError::from).flatten() {
            Ok(callee) => {
                let deadline = self.wait.and_then(|wait| Instant::now().checked_add(wait)).map(Deadline::new);
                self.state = State::Waiting { callee, deadline };
                Ok(())
            }
            Err(error) => {
                self.state = message.map_or(State::Done, State::Undelivered);
                Err(error)
            }
        }
    }
}

impl<P: Protocol, R> Future for Call<'_, P, R> {
    type Output = Result<R, CallError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        if let State::Unsent(_) = this.state {
            this.send()?;
        }
        if let State::Waiting { callee, deadline } = &mut this.state {
            match this.slot.poll(cx.waker()) {
                Poll::Ready(Ok(answer)) => {
                    this.state = State::Done;
                    return Poll::Ready(Ok(answer));
                }
                Poll::Ready(Err(dropped)) => match (callee.exit_reason(), dropped) {
                    (Some(reason), _) => return this.fail(CallError::Exited(reason)),
                    (None, Dropped::Calmly) => return this.fail(CallError::NoReply),
                    (None, Dropped::Unwinding) => {
                        this.state = State::Dying { exit: watch_exit(&**callee), deadline: deadline.take() };
                    }
                },
                Poll::Pending => {
                    if let Some(deadline) = deadline {
                        ready!(deadline.poll(cx));
                        return this.fail(CallError::Timeout);
                    }
                    return Poll::Pending;
                }
            }
        }
        if let State::Dying { exit, deadline } = &mut this.state {
            if let Poll::Ready(reason) = Pin::new(exit).poll(cx) {
                let reason = reason.unwrap_or(ExitReason::NoProc);
                return this.fail(CallError::Exited(reason));
            }
            if let Some(deadline) = deadline {
                ready!(deadline.poll(cx));
                return this.fail(CallError::Timeout);
            }
        }
        Poll::Pending
    }
}

impl<P: Protocol, R> Call<'_, P, R> {
    fn fail(&mut self, error: CallError) -> Poll<Result<R, CallError>> {
        self.slot.abandon();
        self.state = State::Done;
        Poll::Ready(Err(error))
    }
}

// The message and the callee are behind their own pointers or never pinned.
impl<P: Protocol, R> Unpin for Call<'_, P, R> {}

impl<P: Protocol, R> Drop for Call<'_, P, R> {
    fn drop(&mut self) {
        if let State::Waiting { .. } = self.state {
            self.slot.abandon();
        }
    }
}

impl<P: Protocol, R> fmt::Debug for Call<'_, P, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("to", self.address).field("wait", &self.wait).finish_non_exhaustive()
    }
}
