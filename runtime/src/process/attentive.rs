//! What the loop of a process does that has a control lane to look at, or something to go on with.

use std::any::Any;
use std::collections::VecDeque;
use std::task::Poll;
use std::time::Duration;

use tokio::time::Instant;

use super::cell::{Cell, wake};
use super::control::{Attention, Control};
use super::kind::Handler;
use super::signal::{Envelope, SystemMessage};
use super::state::State;

impl<M: Send + 'static> Cell<M> {
    /// As [`poll_receive`](Self::poll_receive), for a process that must look at its control lane first; beside a pending
    /// one, after which time to look whether it is still idle.
    pub(crate) fn poll_attentive(
        &self,
        number: impl FnOnce(&M) -> Handler,
    ) -> (Poll<Envelope<M>>, Option<Duration>) {
        let mut state = self.state();
        state.lane().handling = None;
        if state.continues() {
            return (state.pop(number).0, None);
        }
        if let Some(request) = state.lane().requests.pop_front() {
            state.handling = Handler::SYSTEM;
            self.note_attention(&mut state);
            let request = Envelope::System(Box::new(SystemMessage::Control(request)));
            return (Poll::Ready(request), None);
        }
        if state.lane().suspended {
            state.handling = Handler::NONE;
            state.parked = true;
            // A suspended process still ends with its parent.
            let parent = self.head.parent;
            let exit = state.take_system(
                &|message| matches!(message, SystemMessage::Exit(exit) if Some(exit.from) == parent),
            );
            return (exit.map_or(Poll::Pending, |exit| Poll::Ready(Envelope::System(Box::new(exit)))), None);
        }
        let (received, next) = state.pop(number);
        let look_again = match received {
            Poll::Ready(_) => {
                state.lane().busy();
                None
            }
            Poll::Pending => state.lane().idles(Instant::now()),
        };
        drop(state);
        wake(next);
        (received, look_again)
    }

    /// Puts what a callback continues with before everything that waits, but after what it put there before.
    pub(crate) fn continue_with(&self, continuation: Box<dyn Any + Send>) {
        let mut state = self.state();
        let before = state.messages.iter().take_while(|envelope| envelope.continues()).count();
        let next = SystemMessage::Control(Control::Continue(continuation));
        state.messages.insert(before, Envelope::System(Box::new(next)));
    }

    /// Gives the memory of an empty mailbox back.
    pub(crate) fn hibernated(&self) {
        let mut state = self.state();
        if state.messages.is_empty() {
            state.messages = VecDeque::new();
        }
        state.lane().hibernated();
        self.note_attention(&mut state);
    }

    /// Remembers that the process is in the callback `handler`.
    pub(crate) fn enter(&self, handler: Handler) {
        self.state().handling = handler;
    }

    /// Sets what is known before the next message from what is in the lane, and drops an empty one.
    pub(super) fn note_attention(&self, state: &mut State<M>) {
        let attention = state.lane.as_ref().map_or(Attention::NONE, |lane| lane.attention());
        if attention.is_none() {
            state.lane = None;
        }
        self.head.set_attention(attention);
    }
}
