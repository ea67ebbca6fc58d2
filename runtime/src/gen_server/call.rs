//! Calling.

use std::fmt;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use super::deadline::Deadline;
use super::far_call::FarCall;
use super::slot::{Lost, Until, Waiting};
use super::{CallError, ReplyTo};
use crate::process::{
    AnyCell, BRIEF, Current, Delivery, Head, NEVER, Occasion, Pid, Refused, Wait, may_be_cycle, report_wait,
    running,
};
use crate::registry::{Address, Protocol, ResolveError, Resolved};

/// How long a call waits unless told otherwise.
///
/// Source: OTP `gen_server:call/2`, 5000 ms.
const DEFAULT_DEADLINE: Duration = Duration::from_secs(5);

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
/// on it, it never does, also on another node of ours. One of a BEAM may, as in OTP.
///
/// # Panics
/// As futures do when they are awaited again after they have given their answer.
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
    /// Waits for room in the callee's mailbox.
    Queued(Box<Queued<'a, P, R>>),
    Waiting {
        answer: Waiting<R>,
        callee: Resolved<'a, P>,
        deadline: Deadline,
        _hint: Option<Hint>,
    },
    /// Waits for the answer of another node.
    Far(Box<FarCall<R>>),
    Undelivered(P::Message),
    Done,
}

struct Queued<'a, P: Protocol, R> {
    delivery: Delivery<P::Message>,
    answer: Waiting<R>,
    callee: Resolved<'a, P>,
    deadline: Deadline,
    hint: Option<Hint>,
}

impl<P: Protocol> Address<P> {
    /// A call whose message is built by `message` around the way back.
    pub fn call<R: 'static>(&self, message: impl FnOnce(ReplyTo<R>) -> P::Message) -> Call<'_, P, R> {
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
            State::Queued(queued) => queued.delivery.into_message(),
            State::Waiting { .. } | State::Far(_) | State::Done => None,
        }
    }

    /// Sends the message; to be called once, while it is unsent.
    fn send(&mut self, cx: &mut Context<'_>) -> Result<(), CallError> {
        let State::Unsent { message, answer } = mem::replace(&mut self.state, State::Done) else {
            return Ok(());
        };
        let callee = match self.address.resolve() {
            Ok(callee) => callee,
            Err(error) => return self.send_far(error, message, answer, cx),
        };
        let (error, message) = match self.prepare(callee, &answer, cx) {
            Ok((callee, deadline, hint)) => match callee.send(message) {
                Ok(()) => {
                    if hint.is_some() {
                        look_for_cycle(callee.head());
                    }
                    self.state = State::Waiting { answer, callee, deadline, _hint: hint };
                    return Ok(());
                }
                Err(Refused::Ended(message)) => (CallError::NoProc, message),
                Err(Refused::Full(message)) => (CallError::Full, message),
                Err(Refused::Wait(message)) => {
                    let delivery = Delivery::new(callee.shared(), message);
                    self.state = State::Queued(Box::new(Queued { delivery, answer, callee, deadline, hint }));
                    return Ok(());
                }
            },
            Err(error) => (error, message),
        };
        self.state = State::Undelivered(message);
        Err(error)
    }

    /// Sends the message to another node, if that is why the callee was not found here.
    #[cold]
    fn send_far(
        &mut self,
        error: ResolveError,
        mut message: P::Message,
        answer: Waiting<R>,
        cx: &Context<'_>,
    ) -> Result<(), CallError> {
        let sent = match error {
            ResolveError::There(there) => {
                FarCall::send::<P>(*there, &mut message, answer, self.wait, self.detached, cx)
            }
            error @ (ResolveError::NoNode | ResolveError::NoProc) => Err(error.into()),
        };
        match sent {
            Ok(call) => self.state = State::Far(Box::new(call)),
            Err(error) => {
                self.state = State::Undelivered(message);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Sees to it that the caller is woken, by the answer or at the deadline.
    fn prepare(
        &self,
        callee: Resolved<'a, P>,
        answer: &Waiting<R>,
        cx: &mut Context<'_>,
    ) -> Result<(Resolved<'a, P>, Deadline, Option<Hint>), CallError> {
        // One look at who runs for all that is needed of it.
        let (deadline, hint) = running::with(|current| self.prepare_for(current, callee.head(), answer, cx))?;
        Ok((callee, deadline, hint))
    }

    fn prepare_for(
        &self,
        current: Option<&Current>,
        callee: &Head,
        answer: &Waiting<R>,
        cx: &mut Context<'_>,
    ) -> Result<(Deadline, Option<Hint>), CallError> {
        let caller = current.and_then(Current::cell);
        if caller.is_some_and(|caller| caller.head().pid == callee.pid) {
            return Err(CallError::CallingSelf);
        }
        let clock = callee.node.clock();
        let inherited = match current {
            Some(current) if !self.detached => current.node().clock().show(running::due(), clock),
            _ => NEVER,
        };
        let now = clock.look(self.wait);
        let due = self.wait.map_or(NEVER, |wait| now.after(wait)).min(inherited);
        if now.is_past(due) {
            return Err(CallError::Timeout);
        }
        answer.prepare(cx, Until { due, epoch: clock.epoch(), brief: now.until(due) < BRIEF });
        let mut deadline = Deadline::new(due);
        let hint = caller.map(|caller| {
            caller.head().hint_waiting(callee.pid);
            deadline.look_later(now);
            Hint { callee: callee.pid }
        });
        deadline.arm(current, &callee.node, cx);
        Ok((deadline, hint))
    }

    /// Waits for room, and then as any call.
    fn poll_queued(&mut self, cx: &mut Context<'_>) -> Poll<CallError> {
        let State::Queued(queued) = &mut self.state else { return Poll::Pending };
        let error = match Pin::new(&mut queued.delivery).poll(cx) {
            Poll::Pending => {
                ready!(queued.deadline.poll(&queued.callee.head().node, cx));
                CallError::Timeout
            }
            Poll::Ready(Ok(())) => {
                let State::Queued(queued) = mem::replace(&mut self.state, State::Done) else {
                    return Poll::Pending;
                };
                let Queued { answer, callee, deadline, hint, .. } = *queued;
                self.state = State::Waiting { answer, callee, deadline, _hint: hint };
                return Poll::Pending;
            }
            Poll::Ready(Err(Refused::Ended(message))) => {
                self.state = State::Undelivered(message);
                return Poll::Ready(CallError::NoProc);
            }
            Poll::Ready(Err(Refused::Full(message) | Refused::Wait(message))) => {
                self.state = State::Undelivered(message);
                return Poll::Ready(CallError::Full);
            }
        };
        if let State::Queued(queued) = mem::replace(&mut self.state, State::Done)
            && let Some(message) = queued.delivery.into_message()
        {
            self.state = State::Undelivered(message);
        }
        Poll::Ready(error)
    }

    fn poll_outcome(&mut self, cx: &mut Context<'_>) -> Poll<Result<R, CallError>> {
        if let State::Waiting { answer, callee, deadline, .. } = &mut self.state {
            match answer.poll(cx) {
                Poll::Pending => {
                    return deadline.poll(&callee.head().node, cx).map(|()| Err(CallError::Timeout));
                }
                Poll::Ready(Ok(answer)) => return Poll::Ready(Ok(answer)),
                Poll::Ready(Err(lost)) => match (callee.exit_reason(), lost) {
                    (_, Lost::Cycle(path)) => return Poll::Ready(Err(CallError::WaitCycle(path))),
                    (_, Lost::Discarded) => return Poll::Ready(Err(CallError::Full)),
                    (_, Lost::Failed(failure)) => return Poll::Ready(Err(CallError::of_failure(*failure))),
                    (Some(reason), _) => return Poll::Ready(Err(CallError::Exited(reason))),
                    // Not begun, because it was too late, or forgotten.
                    (None, Lost::Dropped) => {
                        let late = deadline.has_passed(callee.head().node.clock());
                        return Poll::Ready(Err(if late { CallError::Timeout } else { CallError::NoReply }));
                    }
                },
            }
        }
        if let State::Far(call) = &mut self.state {
            return call.poll(cx);
        }
        // Neither can this one be answered, nor does anything wake whoever awaits it.
        panic!("a call was awaited again after it had ended")
    }
}

impl<P: Protocol, R: Send + 'static> Call<'_, P, R> {
    /// Tells whoever looks into the caller that it waits for this call.
    fn report(&self) {
        if let State::Waiting { answer, callee, .. } = &self.state {
            report_wait(|| answer.call().map(|call| Wait { callee: callee.head().pid, call }));
        }
    }
}

/// What a process leaves for others to see while it waits; see `process::waits`.
struct Hint {
    callee: Pid,
}

impl Drop for Hint {
    fn drop(&mut self) {
        running::with(|current| {
            if let Some(Current::Process { cell, .. }) = current {
                cell.head().hint_done(self.callee);
            }
        });
    }
}

/// Has the running process looked into if its call to `callee` may have closed a cycle.
fn look_for_cycle(callee: &Head) {
    if !callee.hints_waiting() {
        return;
    }
    running::with(|current| {
        if let Some(Current::Process { cell, .. }) = current {
            let head = cell.head();
            if may_be_cycle(&head.node, head.pid, callee) {
                head.node.look_into(head.pid, Occasion::Made);
            }
        }
    });
}

impl<P: Protocol, R: Send + 'static> Future for Call<'_, P, R> {
    type Output = Result<R, CallError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        if let State::Unsent { .. } = this.state {
            this.send(cx)?;
            if let State::Waiting { .. } = this.state {
                // Whatever comes, wakes it.
                this.report();
                return Poll::Pending;
            }
        }
        if let State::Queued(_) = this.state {
            match this.poll_queued(cx) {
                Poll::Ready(error) => return Poll::Ready(Err(error)),
                Poll::Pending if matches!(this.state, State::Queued(_)) => return Poll::Pending,
                Poll::Pending => {}
            }
        }
        let outcome = this.poll_outcome(cx);
        match outcome {
            Poll::Pending => this.report(),
            // Drops the way back: a late answer has nowhere to go, and a call not yet begun is not begun.
            Poll::Ready(_) => this.state = State::Done,
        }
        outcome
    }
}

// Nothing in it is pinned.
impl<P: Protocol, R> Unpin for Call<'_, P, R> {}

impl<P: Protocol, R> fmt::Debug for Call<'_, P, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("to", self.address).field("wait", &self.wait).finish_non_exhaustive()
    }
}
