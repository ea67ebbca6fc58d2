//! A call to a process of another node.

use std::task::{Context, Poll};
use std::time::Duration;

use super::CallError;
use super::deadline::Deadline;
use super::slot::{Lost, Until, Waiting};
use crate::process::remote::RemoteCall;
use crate::process::{BRIEF, NEVER, Node, Underway, running};
use crate::registry::wire::Outgoing;
use crate::registry::{Protocol, There};

/// A call that was sent to another node; dropping it gives the answer up.
pub(super) struct FarCall<R> {
    answer: Waiting<R>,
    /// On the clock of this node.
    deadline: Deadline,
    node: Node,
    _call: RemoteCall,
    _underway: Option<Underway>,
}

impl<R> FarCall<R> {
    /// Sends `message`, which is left without its way back.
    pub(super) fn send<P: Protocol>(
        there: There,
        message: &mut P::Message,
        answer: Waiting<R>,
        wait: Option<Duration>,
        detached: bool,
        cx: &Context<'_>,
    ) -> Result<Self, CallError> {
        let (node, from) = running::with(|current| {
            current.map(|current| (current.node().clone(), current.cell().map(|cell| cell.head().pid)))
        })
        .ok_or(CallError::NoNode)?;
        let clock = node.clock();
        let inherited = if detached { NEVER } else { running::due() };
        let now = clock.look(wait);
        let due = wait.map_or(NEVER, |wait| now.after(wait)).min(inherited);
        if now.is_past(due) {
            return Err(CallError::Timeout);
        }
        let left = (due != NEVER).then(|| now.until(due));
        let brief = left.is_some_and(|left| left < BRIEF);
        answer.prepare(cx, Until { due, epoch: clock.epoch(), brief });
        let Some(remote) = node.remote() else { return Err(CallError::NoConnection(there.node_name())) };
        let way_back = P::take_reply(message).ok_or_else(CallError::stays::<P>)?;
        let sent = remote.call(from, &there.far, &Outgoing::<P>(message), left, way_back.0);
        let call = sent.map_err(|(unreachable, _unsent)| CallError::of_unreachable(unreachable, &there))?;
        let underway = there.instance.map(Underway::new);
        Ok(Self { answer, deadline: Deadline::new(due), node, _call: call, _underway: underway })
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<R, CallError>> {
        match self.answer.poll(cx) {
            Poll::Ready(outcome) => Poll::Ready(outcome.map_err(|lost| match lost {
                Lost::Failed(failure) => CallError::of_failure(*failure),
                Lost::Discarded => CallError::Full,
                Lost::Cycle(path) => CallError::WaitCycle(path),
                // The way back was lost on the way.
                Lost::Dropped => CallError::NoReply,
            })),
            Poll::Pending => self.deadline.poll(&self.node, cx).map(|()| Err(CallError::Timeout)),
        }
    }
}
