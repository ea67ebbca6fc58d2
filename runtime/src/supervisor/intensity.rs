//! The restart window. Pure: it is told the time, it never asks.
//!
//! A supervisor that restarts more than `intensity` times within `period` has a problem that restarting does not
//! solve, and gives up. The window slides: each restart is judged against the restarts of the `period` before it.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

/// The restarts of the last `period`, oldest first. Never holds more than `intensity` + 1.
#[derive(Clone, Debug)]
pub(super) struct Window {
    intensity: u32,
    period: Duration,
    restarts: VecDeque<Duration>,
}

impl Window {
    /// Allows `intensity` restarts within any `period`.
    pub(super) fn new(intensity: u32, period: Duration) -> Self {
        Self { intensity, period, restarts: VecDeque::new() }
    }

    /// Notes a restart at `now` (time since any fixed moment) and tells whether it is still allowed.
    ///
    /// A restart that happened exactly `period` ago still counts.
    ///
    /// Source: OTP `supervisor:add_restart/1`.
    /// Differs: OTP reads its clock in whole seconds, so its window is up to one second longer than asked for; this
    /// one is exact, and a period may be shorter than a second.
    pub(super) fn add_restart(&mut self, now: Duration) -> bool {
        let threshold = now.saturating_sub(self.period);
        while self.restarts.front().is_some_and(|&at| at < threshold) {
            self.restarts.pop_front();
        }
        // The refused restart is noted too, as OTP does; one place beyond the intensity is enough to know.
        if self.restarts.len() > self.intensity as usize {
            self.restarts.pop_front();
        }
        self.restarts.push_back(now);
        self.restarts.len() <= self.intensity as usize
    }

    /// How many restarts are allowed.
    pub(super) fn intensity(&self) -> u32 {
        self.intensity
    }

    /// Within which time.
    pub(super) fn period(&self) -> Duration {
        self.period
    }
}

/// `2 of 3 within 5s`.
impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} within {:?}", self.restarts.len(), self.intensity, self.period)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// Restarts at the given milliseconds; `true` where the restart was allowed.
    fn judged(intensity: u32, period_ms: u64, at_ms: &[u64]) -> Vec<bool> {
        let mut window = Window::new(intensity, ms(period_ms));
        at_ms.iter().map(|&at| window.add_restart(ms(at))).collect()
    }

    #[test]
    fn as_many_restarts_as_the_intensity_are_allowed_and_one_more_is_not() {
        assert_eq!(judged(3, 5000, &[0, 1, 2, 3]), [true, true, true, false]);
        assert_eq!(judged(1, 5000, &[0, 0]), [true, false]);
    }

    #[test]
    fn intensity_zero_allows_no_restart() {
        assert_eq!(judged(0, 5000, &[0, 60_000]), [false, false]);
    }

    #[test]
    fn the_window_slides() {
        // Two in 5 s at any time, for ever: a child that crashes at a permitted rate is never given up.
        let at: Vec<u64> = (0..100).map(|n| n * 2501).collect();
        assert!(judged(2, 5000, &at).into_iter().all(|allowed| allowed));
        assert_eq!(judged(2, 5000, &[0, 4000, 5001, 6000]), [true, true, true, false]);
    }

    #[test]
    fn a_restart_exactly_one_period_ago_still_counts() {
        assert_eq!(judged(1, 5000, &[0, 5000]), [true, false]);
        assert_eq!(judged(1, 5000, &[0, 5001]), [true, true]);
    }

    /// `add_restart/3` as OTP writes it: newest first, whole list kept.
    fn otp_add_restart(restarts: Vec<u64>, now: u64, period: u64) -> Vec<u64> {
        let threshold = now.saturating_sub(period);
        let kept = restarts.into_iter().take_while(|&at| at >= threshold);
        std::iter::once(now).chain(kept).collect()
    }

    proptest! {
        #[test]
        fn any_history_up_to_the_first_refusal_is_judged_as_otp_judges_it(
            intensity in 0u32..5,
            period in 1u64..50,
            gaps in prop::collection::vec(0u64..30, 0..60),
        ) {
            let mut window = Window::new(intensity, ms(period));
            let (mut now, mut restarts) = (0, Vec::new());
            for gap in gaps {
                now += gap;
                restarts = otp_add_restart(restarts, now, period);
                let allowed = window.add_restart(ms(now));
                prop_assert_eq!(allowed, restarts.len() <= intensity as usize);
                if !allowed {
                    break;
                }
            }
        }
    }
}
