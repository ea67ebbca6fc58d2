//! Which time-outs run, and what starting, cancelling, and transitions do to them. Pure: no clock is read here.
//!
//! Source: OTP `gen_statem.erl`, `loop_timeouts` and `cancel_timer`.

use std::borrow::Cow;
use std::time::Duration;

/// One of the time-outs that a machine can have at the same time.
///
/// Source: OTP `gen_statem:timeout_event_type()`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Timeout {
    /// Cancelled by a change of state.
    State,
    /// Cancelled by any event.
    Event,
    /// Cancelled only when it is asked for; there may be many, each with a name.
    Named(Cow<'static, str>),
}

impl Timeout {
    /// The time-out called `name`.
    pub fn named(name: impl Into<Cow<'static, str>>) -> Self {
        Self::Named(name.into())
    }
}

/// What a callback asks of a time-out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Change<E> {
    Start(Duration, E),
    Cancel,
    Update(E),
}

/// What is to be done with the clock.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Timer {
    Start { id: u64, after: Duration },
    Cancel { id: u64 },
}

/// The time-outs that run. Those of zero time stand in the order in which they will come.
#[derive(Debug)]
pub(super) struct Timeouts<E> {
    running: Vec<Running<E>>,
    next_id: u64,
}

#[derive(Debug)]
struct Running<E> {
    timeout: Timeout,
    /// The timer that will fire; nothing for a zero time-out, which needs none.
    timer: Option<u64>,
    event: E,
}

impl<E> Timeouts<E> {
    pub(super) const fn new() -> Self {
        Self { running: Vec::new(), next_id: 1 }
    }

    /// Ends `timeout`, if it runs.
    pub(super) fn cancel(&mut self, timeout: &Timeout, timers: &mut Vec<Timer>) {
        if let Some(index) = self.position(timeout) {
            let running = self.running.remove(index);
            timers.extend(running.timer.map(|id| Timer::Cancel { id }));
        }
    }

    /// Does what one callback asked for, oldest first; of several changes to one time-out only the newest counts.
    ///
    /// Timers are started newest first, as in OTP, which shows when they fire in the same instant.
    ///
    /// Differs: in OTP 25 a zero time-out that is restarted with a longer time before it has come fires as an info
    /// event of the engine's own (`loop_timeouts_register/12` keeps 0 for the timer); here it is restarted.
    pub(super) fn change(&mut self, changes: &mut Vec<(Timeout, Change<E>)>, timers: &mut Vec<Timer>) {
        let mut seen = Vec::new();
        let mut zero = Vec::new();
        for (timeout, change) in changes.drain(..).rev() {
            if seen.contains(&timeout) {
                continue;
            }
            seen.push(timeout.clone());
            let running = self.position(&timeout);
            match (change, running) {
                (Change::Update(event), Some(index)) => self.running[index].event = event,
                (Change::Cancel, _) => self.cancel(&timeout, timers),
                (Change::Update(event), None) => zero.push(Running { timeout, timer: None, event }),
                (Change::Start(after, event), _) => {
                    self.cancel(&timeout, timers);
                    if after.is_zero() {
                        zero.push(Running { timeout, timer: None, event });
                    } else {
                        let id = self.next_id;
                        self.next_id += 1;
                        timers.push(Timer::Start { id, after });
                        self.running.push(Running { timeout, timer: Some(id), event });
                    }
                }
            }
        }
        self.running.extend(zero.into_iter().rev());
    }

    /// The event of the first zero time-out, which has come.
    pub(super) fn take_zero(&mut self) -> Option<E> {
        self.take(|timer| timer.is_none())
    }

    /// The event of the time-out whose timer fired; nothing if it was cancelled in between.
    pub(super) fn take_fired(&mut self, id: u64) -> Option<E> {
        self.take(|timer| timer == Some(id))
    }

    fn take(&mut self, is_it: impl Fn(Option<u64>) -> bool) -> Option<E> {
        let index = self.running.iter().position(|running| is_it(running.timer))?;
        Some(self.running.remove(index).event)
    }

    fn position(&self, timeout: &Timeout) -> Option<usize> {
        self.running.iter().position(|running| running.timeout == *timeout)
    }
}
