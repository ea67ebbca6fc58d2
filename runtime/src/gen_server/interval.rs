//! Timers that repeat.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::time::Instant;

use crate::process::{AnyCell, Cell, later};

/// The shortest time between two messages of an interval.
///
/// Source: OTP `timer(3)`, which counts in milliseconds.
/// Differs: OTP takes an interval of zero, and its timer server then does nothing else.
const SHORTEST_PERIOD: Duration = Duration::from_millis(1);

/// A repeating timer; see [`Context::send_interval`](super::Context::send_interval). Dropping it does not cancel it.
#[derive(Clone)]
pub struct Interval {
    cancelled: Arc<AtomicBool>,
}

impl Interval {
    /// Ends the interval; a message that was sent already still comes.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// Sends `process` a copy of `message` after every `period`.
    pub(super) fn start<M, T>(process: &Arc<Cell<M>>, period: Duration, message: T) -> Self
    where
        M: From<T> + Send + 'static,
        T: Clone + Send + 'static,
    {
        let interval = Self { cancelled: Arc::default() };
        let period = period.max(SHORTEST_PERIOD);
        let beat =
            Beat { cancelled: interval.cancelled.clone(), process: Arc::downgrade(process), period, message };
        beat.schedule(process, later(Instant::now(), period));
        interval
    }
}

impl fmt::Debug for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interval").field("cancelled", &self.cancelled.load(Ordering::Relaxed)).finish()
    }
}

struct Beat<M, T> {
    cancelled: Arc<AtomicBool>,
    /// Weak, since the timer lies in the node, and the process holds that.
    process: Weak<Cell<M>>,
    period: Duration,
    message: T,
}

impl<M, T> Beat<M, T>
where
    M: From<T> + Send + 'static,
    T: Clone + Send + 'static,
{
    fn schedule(self, process: &Cell<M>, at: Instant) {
        process.head().node.run_for(process, at, move || {
            let Some(process) = self.process.upgrade() else { return };
            if self.cancelled.load(Ordering::Relaxed) {
                return;
            }
            // Also into a full mailbox: whoever is late finds as many as have been due, as in OTP.
            if !process.send_kept(self.message.clone().into()) {
                return;
            }
            // Since it was due, not since now: what comes late does not make the others late.
            let next = later(at, self.period);
            self.schedule(&process, next);
        });
    }
}
