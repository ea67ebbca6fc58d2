//! Which event comes next, and what a transition does to those that wait. Pure: no callback runs here.
//!
//! Source: OTP `gen_statem.erl`, from `loop_state_transition` to `loop_done`.

use std::collections::VecDeque;

use super::timeouts::{Change, Timeout, Timeouts, Timer};

/// What the callbacks of one transition asked for, beside the next state.
#[derive(Debug)]
pub(super) struct Decided<E> {
    /// Events to be retried after the next change of state.
    pub(super) postponed: Vec<E>,
    /// Events to be handled before any other, in order.
    pub(super) next_events: Vec<E>,
    pub(super) timeouts: Vec<(Timeout, Change<E>)>,
}

impl<E> Decided<E> {
    pub(super) const fn new() -> Self {
        Self { postponed: Vec::new(), next_events: Vec::new(), timeouts: Vec::new() }
    }
}

/// The events that wait inside a machine.
#[derive(Debug)]
pub(super) struct Engine<E> {
    /// To be handled before a message is received.
    queue: VecDeque<E>,
    /// To be queued again when the state changes, oldest first.
    postponed: Vec<E>,
    /// How many postponed events there may be before those that nobody waits for are dropped.
    sweep_at: usize,
    timeouts: Timeouts<E>,
}

/// The fewest postponed events that are worth being looked through.
const FIRST_SWEEP: usize = 16;

impl<E> Engine<E> {
    pub(super) const fn new() -> Self {
        Self {
            queue: VecDeque::new(),
            postponed: Vec::new(),
            sweep_at: FIRST_SWEEP,
            timeouts: Timeouts::new(),
        }
    }

    /// An event was handled, and the state changed or did not.
    ///
    /// After a change come the events in this order: those inserted now, those postponed, those inserted before.
    pub(super) fn transition(&mut self, changed: bool, decided: &mut Decided<E>) -> Vec<Timer> {
        let mut timers = Vec::new();
        self.postponed.append(&mut decided.postponed);
        if changed {
            for event in self.postponed.drain(..).rev() {
                self.queue.push_front(event);
            }
            self.timeouts.cancel(&Timeout::State, &mut timers);
        }
        self.timeouts.cancel(&Timeout::Event, &mut timers);
        self.timeouts.change(&mut decided.timeouts, &mut timers);
        for event in decided.next_events.drain(..).rev() {
            self.queue.push_front(event);
        }
        timers
    }

    /// The next event that waits inside: first those that are queued, then time-outs of zero time.
    pub(super) fn next(&mut self) -> Option<E> {
        self.queue.pop_front().or_else(|| self.timeouts.take_zero())
    }

    /// The events that are postponed, and those that are queued.
    pub(super) fn waiting(&self) -> (impl ExactSizeIterator<Item = &E>, impl ExactSizeIterator<Item = &E>) {
        (self.postponed.iter(), self.queue.iter())
    }

    /// The event of the time-out whose timer fired; nothing if it was cancelled in between.
    pub(super) fn fired(&mut self, id: u64) -> Option<E> {
        self.timeouts.take_fired(id)
    }

    /// Drops postponed events that are not `wanted` any more, every time that there are twice as many as were kept.
    ///
    /// Otherwise callers that try again and again would fill a machine that does not change its state.
    pub(super) fn sweep(&mut self, wanted: impl Fn(&E) -> bool) {
        if self.postponed.len() >= self.sweep_at {
            self.postponed.retain(wanted);
            self.sweep_at = FIRST_SWEEP.max(self.postponed.len() * 2);
        }
    }
}
