//! Sending to a mailbox that has bounds, and taking from its middle.

use std::task::Waker;

use super::super::cell::{Cell, wake};
use super::super::current;
use super::super::signal::Envelope;
use super::super::signal::{SystemMessage, Wanted};
use super::super::state::State;
use super::bounds::{Admission, Bounds};
use super::{Mailbox, Refused, Ticket};

impl<M: Send + 'static> Cell<M> {
    /// Bounds the mailbox; before the process runs.
    pub(crate) fn bound(&self, mailbox: Mailbox, weigh: fn(&M) -> usize) {
        self.state().bounds = Bounds::new(mailbox, weigh);
    }

    /// As [`send`](Self::send), for a mailbox with bounds.
    pub(in super::super) fn send_bounded(&self, message: M) -> Result<(), Refused<M>> {
        let weight = self.weigh(&message);
        let (waker, dropped) = {
            let mut state = self.state();
            if state.has_ended() {
                return Err(Refused::Ended(message));
            }
            let admission = state.bounds.as_mut().map_or(Admission::Queued, |bounds| bounds.admit(weight));
            let dropped = match admission {
                Admission::Refused => return Err(Refused::Full(message)),
                Admission::Wait => return Err(Refused::Wait(message)),
                Admission::Queued => Vec::new(),
                Admission::Instead(oldest) => state.take_oldest(oldest),
            };
            state.messages.push_back(Envelope::Message(message));
            (state.unpark(), dropped)
        };
        wake(waker);
        current::discard(dropped);
        Ok(())
    }

    /// Queues `message`, however full the mailbox is: for what the process itself has asked for, such as timers.
    ///
    /// It is not counted, and it is not dropped for newer ones. False if the process has ended.
    pub(crate) fn send_kept(&self, message: M) -> bool {
        let waker = {
            let mut state = self.state();
            if state.has_ended() {
                drop(state);
                return false;
            }
            state.push_kept(message)
        };
        wake(waker);
        true
    }

    /// Queues `message` if there is room and it is its turn; if not, `waker` is woken when that is so.
    pub(super) fn send_in_turn(
        &self,
        message: M,
        weight: usize,
        place: &mut Option<Ticket>,
        waker: &Waker,
    ) -> Result<(), Refused<M>> {
        let (waker, next) = {
            let mut state = self.state();
            if state.has_ended() {
                *place = None;
                return Err(Refused::Ended(message));
            }
            let next = match &mut state.bounds {
                None => None,
                Some(bounds) if bounds.drops_oldest() => {
                    drop(state);
                    return self.send_bounded(message);
                }
                Some(bounds) => {
                    if !bounds.admit_in_turn(weight, place, waker) {
                        return Err(Refused::Wait(message));
                    }
                    bounds.first_in_line()
                }
            };
            state.messages.push_back(Envelope::Message(message));
            (state.unpark(), next)
        };
        wake(waker);
        wake(next);
        Ok(())
    }

    /// Whoever waited at `place` gave up.
    pub(super) fn quit_line(&self, place: Ticket) {
        let next = {
            let mut state = self.state();
            state.bounds.as_mut().and_then(|bounds| {
                bounds.quit(place);
                bounds.first_in_line()
            })
        };
        wake(next);
    }

    /// A message that could have waited was given up at once.
    pub(crate) fn note_refused(&self) {
        if let Some(bounds) = &mut self.state().bounds {
            bounds.refuse();
        }
    }

    /// What `message` weighs, where that matters. Runs user code, hence without the lock.
    pub(super) fn weigh(&self, message: &M) -> usize {
        let scales = self.state().bounds.as_ref().and_then(|bounds| bounds.scales());
        scales.map_or(0, |weigh| size_of::<M>().saturating_add(weigh(message)))
    }
}

impl<M> State<M> {
    /// Takes the first message that is `wanted`, past all others.
    pub(in super::super) fn take_system(&mut self, wanted: Wanted<'_>) -> Option<SystemMessage> {
        let is_wanted = |envelope: &Envelope<M>| {
            !envelope.continues() && matches!(envelope, Envelope::System(message) if wanted(message))
        };
        let at = self.messages.iter().position(is_wanted)?;
        match self.messages.remove(at)? {
            Envelope::System(message) => Some(*message),
            Envelope::Message(_) | Envelope::Kept(_) => None,
        }
    }

    fn take_oldest(&mut self, how_many: usize) -> Vec<M> {
        let mut oldest = Vec::with_capacity(how_many);
        while oldest.len() < how_many
            && let Some(at) =
                self.messages.iter().position(|envelope| matches!(envelope, Envelope::Message(_)))
            && let Some(Envelope::Message(message)) = self.messages.remove(at)
        {
            oldest.push(message);
        }
        oldest
    }
}
