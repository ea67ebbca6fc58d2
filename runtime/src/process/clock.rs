//! The clock of a node: nanoseconds.

use std::time::Duration;

use tokio::time::Instant;

use super::NEVER;

/// The clock of a node.
///
/// It is tokio's, so that a test may stop it.
pub(crate) struct Clock {
    epoch: Epoch,
    coarse: coarse::Coarse,
}

/// When a clock began, which is all that is needed to read what it showed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Epoch(Instant);

impl Epoch {
    /// When its clock shows `due`; nothing for never.
    pub(crate) fn instant(self, due: u64) -> Option<Instant> {
        match due.checked_sub(BEGIN) {
            _ if due == NEVER => None,
            Some(since) => self.0.checked_add(Duration::from_nanos(since)),
            None => self.0.checked_sub(Duration::from_nanos(BEGIN - due)),
        }
    }
}

/// What a clock shows when its node begins: in the middle, since a stopped clock may show what was before.
const BEGIN: u64 = 1 << 62;

/// From this length on a wait is measured by the coarse clock.
const COARSE_FROM: Duration = Duration::from_secs(1);

/// How much later than asked a wait ends that is measured by the coarse clock; by as much it may lag behind.
///
/// Differs: OTP's timers are exact to a millisecond. A look at the exact clock is a twentieth of a call.
const COARSE_STEP: Duration = Duration::from_millis(10);

impl Clock {
    pub(super) fn new() -> Self {
        Self { epoch: Epoch(Instant::now()), coarse: coarse::Coarse::new() }
    }

    /// What it shows.
    pub(crate) fn now(&self) -> u64 {
        self.at(Instant::now())
    }

    /// What it shows at `instant`.
    pub(crate) fn at(&self, instant: Instant) -> u64 {
        let Epoch(began) = self.epoch;
        match instant.checked_duration_since(began) {
            Some(since) => BEGIN.saturating_add(nanos(since)),
            None => BEGIN.saturating_sub(nanos(began.saturating_duration_since(instant))),
        }
    }

    /// When it shows `due`; nothing for never.
    pub(crate) fn instant(&self, due: u64) -> Option<Instant> {
        self.epoch.instant(due)
    }

    pub(crate) fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// What `other` shows when this one shows `due`.
    pub(crate) fn show(&self, due: u64, other: &Self) -> u64 {
        // Nearly always they are one and the same.
        if std::ptr::eq(self, other) { due } else { self.instant(due).map_or(NEVER, |at| other.at(at)) }
    }

    /// A look at the clock that is exact enough to begin `wait`.
    pub(crate) fn look(&self, wait: Option<Duration>) -> Now {
        match self.coarse.now() {
            Some(at) if wait.is_none_or(|wait| wait >= COARSE_FROM) => Now { at, late: nanos(COARSE_STEP) },
            _ => Now { at: self.now(), late: 0 },
        }
    }

    /// The running code belongs to the node of this clock from now on: its tokio runtime may be another than those before.
    pub(super) fn used_here(&self) {
        self.coarse.used_here();
    }

    /// Whether it shows `due` or more.
    pub(crate) fn has_passed(&self, due: u64) -> bool {
        if due == NEVER || self.coarse.now().is_some_and(|at| at + nanos(COARSE_STEP) < due) {
            return false;
        }
        self.now() >= due
    }
}

/// What a clock showed.
#[derive(Clone, Copy)]
pub(crate) struct Now {
    /// It showed this or more ...
    at: u64,
    /// ... by so much at most.
    late: u64,
}

impl Now {
    /// What the clock will show when `wait` has passed: never less, and at most [`COARSE_STEP`] more.
    pub(crate) fn after(self, wait: Duration) -> u64 {
        self.at.saturating_add(self.late).saturating_add(nanos(wait))
    }

    /// Whether `due` has passed for certain.
    pub(crate) fn is_past(self, due: u64) -> bool {
        due <= self.at
    }

    /// How long it is until `due`, at most.
    pub(crate) fn until(self, due: u64) -> Duration {
        Duration::from_nanos(due.saturating_sub(self.at))
    }
}

const fn nanos(duration: Duration) -> u64 {
    duration.as_secs().saturating_mul(1_000_000_000).saturating_add(duration.subsec_nanos() as u64)
}

/// The kernel's coarse clock: the same as the exact one, as of its last tick, at a fifth of the cost.
#[cfg(target_os = "linux")]
mod coarse {
    use std::sync::atomic::{AtomicBool, Ordering};

    use rustix::time::{ClockId, Timespec, clock_gettime};
    use tokio::runtime::{Handle, RuntimeFlavor};

    use super::BEGIN;

    pub(super) struct Coarse {
        /// What the exact clock showed when the node began.
        started: u64,
        /// The clock cannot be stopped: tokio stops those of single-threaded runtimes only, and none of those that the node
        /// was used on so far is one.
        is_real: AtomicBool,
    }

    impl Coarse {
        pub(super) fn new() -> Self {
            Self { started: nanos(clock_gettime(ClockId::Monotonic)), is_real: AtomicBool::new(true) }
        }

        /// Looks which runtime this is.
        pub(super) fn used_here(&self) {
            let is_multi_thread = |runtime: &Handle| runtime.runtime_flavor() == RuntimeFlavor::MultiThread;
            if Handle::try_current().is_ok_and(|runtime| !is_multi_thread(&runtime)) {
                self.is_real.store(false, Ordering::Relaxed);
            }
        }

        /// What the clock of the node showed at the last tick.
        pub(super) fn now(&self) -> Option<u64> {
            self.is_real.load(Ordering::Relaxed).then(|| {
                (BEGIN + nanos(clock_gettime(ClockId::MonotonicCoarse))).saturating_sub(self.started)
            })
        }
    }

    fn nanos(time: Timespec) -> u64 {
        (time.tv_sec as u64).wrapping_mul(1_000_000_000).wrapping_add(time.tv_nsec as u64)
    }
}

/// Elsewhere there is none.
#[cfg(not(target_os = "linux"))]
mod coarse {
    pub(super) struct Coarse;

    impl Coarse {
        pub(super) fn new() -> Self {
            Self
        }

        pub(super) fn used_here(&self) {}

        pub(super) fn now(&self) -> Option<u64> {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_wait_never_ends_early_and_at_most_a_step_late() {
        let clock = Clock::new();
        for wait in [Duration::from_millis(20), COARSE_FROM, Duration::from_secs(5)] {
            let (before, after) = (clock.now(), clock.look(Some(wait)).after(wait));
            assert!(after >= before + nanos(wait), "{wait:?}");
            assert!(after <= clock.now() + nanos(wait) + nanos(COARSE_STEP), "{wait:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_stopped_clock_is_exact() {
        let clock = Clock::new();
        clock.used_here();
        tokio::time::advance(Duration::from_secs(3)).await;
        let wait = Duration::from_secs(5);
        assert_eq!(clock.instant(clock.look(Some(wait)).after(wait)), Some(Instant::now() + wait));
        assert_eq!(clock.instant(clock.now()), Some(Instant::now()));
        assert_eq!(clock.instant(NEVER), None);
    }
}
