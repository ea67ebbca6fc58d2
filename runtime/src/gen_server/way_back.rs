//! Calls that leave the node, and calls that come in: both ends of the way back, where it crosses.

use std::any::type_name;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{self, Poll, Wake, Waker};
use std::time::Duration;

use super::ReplyTo;
use super::slot::{self, Lost, Slot, Until, Waiting};
use crate::process::incoming::{Abandon, ReplyPath};
use crate::process::remote::{Answer, Failure, Format};
use crate::process::sync::Arc as SlotArc;
use crate::process::{AnyCell, BRIEF, NEVER};
use crate::registry::Wire;
use crate::registry::wire::{Import, Type, WayBack, Written, read};

/// What an answer of the type `R` is to a call that crosses nodes.
pub trait Crosses<R: 'static> {
    /// Takes the caller's end out of a message that leaves.
    fn leave(&self, reply: &mut ReplyTo<R>, handler: &'static str) -> Option<WayBack>;
    /// The way back to whoever sent the message that came in.
    fn arrive(&self, from: &mut Import<'_>) -> ReplyTo<R>;
}

/// What no other node can answer.
pub trait Stays<R: 'static> {
    /// Nothing leaves.
    fn leave(&self, reply: &mut ReplyTo<R>, handler: &'static str) -> Option<WayBack> {
        let _stays = (reply, handler);
        None
    }

    /// Nobody waits.
    fn arrive(&self, from: &mut Import<'_>) -> ReplyTo<R> {
        let _nothing_came = from;
        ReplyTo::new().0
    }
}

impl<R: 'static> Stays<R> for &Type<R> {}

impl<R: Wire> Crosses<R> for Type<R> {
    fn leave(&self, reply: &mut ReplyTo<R>, handler: &'static str) -> Option<WayBack> {
        let slot = reply.take_slot()?;
        Some(WayBack(Box::new(Awaited { slot: Some(slot), handler })))
    }

    fn arrive(&self, from: &mut Import<'_>) -> ReplyTo<R> {
        let (reply, waiting) = ReplyTo::new();
        if let Some(path) = from.take_reply() {
            let call = Return::wait(waiting, path, from.process(), from.incoming().until);
            from.may_be_given_up(call);
        }
        reply
    }
}

/// The answer to a call of this node that another node will give.
struct Awaited<R> {
    /// Taken when answered.
    slot: Option<SlotArc<Slot<R>>>,
    /// For errors.
    handler: &'static str,
}

impl<R> Awaited<R> {
    fn finish(&mut self, outcome: Result<R, Lost>) {
        if let Some(slot) = self.slot.take() {
            slot::finish(slot, outcome);
        }
    }
}

impl<R: Wire> Answer for Awaited<R> {
    fn reply(mut self: Box<Self>, format: Format, body: &[u8]) {
        let outcome = read::<R>(format, body).map_err(|error| {
            let what = format!("the reply to `{}`, {}: {error}", self.handler, type_name::<R>());
            Lost::Failed(Box::new(Failure::BadMessage(what.into())))
        });
        self.finish(outcome);
    }

    fn fail(mut self: Box<Self>, failure: Failure) {
        self.finish(Err(Lost::Failed(Box::new(failure))));
    }
}

impl<R> Drop for Awaited<R> {
    fn drop(&mut self) {
        self.finish(Err(Lost::Dropped));
    }
}

/// Waits in the place of a caller on another node, and passes the outcome on: what the slot of its call wakes.
struct Return<R> {
    waiting: Mutex<Option<Waiting<R>>>,
    path: Box<dyn ReplyPath>,
    callee: Arc<dyn AnyCell>,
}

impl<R: Wire> Return<R> {
    fn wait(
        waiting: Waiting<R>,
        path: Box<dyn ReplyPath>,
        callee: &Arc<dyn AnyCell>,
        wait: Option<Duration>,
    ) -> Weak<Self> {
        let clock = callee.head().node.clock();
        let due = wait.map_or(NEVER, |wait| clock.look(Some(wait)).after(wait));
        let until = Until { due, epoch: clock.epoch(), brief: wait.is_some_and(|wait| wait < BRIEF) };
        let this = Arc::new(Self { waiting: Mutex::new(None), path, callee: callee.clone() });
        waiting.prepare(&task::Context::from_waker(&Waker::from(this.clone())), until);
        // Only now, when nobody else has the other end yet.
        *this.waiting() = Some(waiting);
        Arc::downgrade(&this)
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Option<Waiting<R>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R: Wire> Wake for Return<R> {
    fn wake(self: Arc<Self>) {
        let Some(mut waiting) = self.waiting().take() else { return };
        let outcome = waiting.poll(&mut task::Context::from_waker(Waker::noop()));
        // Pids in the answer are written as the node knows them, whoever gives it.
        self.callee.head().node.enter(|| match outcome {
            Poll::Ready(Ok(reply)) => self.path.reply(&Written(&reply)),
            Poll::Ready(Err(lost)) => self.path.fail(self.failure(lost)),
            // Nothing but an outcome wakes it.
            Poll::Pending => {}
        });
    }
}

impl<R: Wire> Abandon for Return<R> {
    /// With nobody at the other end of its slot the call is as one whose caller on this node has left.
    fn abandon(&self) {
        let waiting = self.waiting().take();
        drop(waiting);
    }
}

impl<R> Return<R> {
    fn failure(&self, lost: Lost) -> Failure {
        match (lost, self.callee.exit_reason()) {
            (Lost::Failed(failure), _) => *failure,
            (Lost::Discarded, _) => Failure::Full,
            (_, Some(reason)) => Failure::Exited(reason),
            (Lost::Dropped | Lost::Cycle(_), None) => Failure::Dropped,
        }
    }
}
