//! What came of it.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

/// How long users waited for pages.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Pages that came.
    pub served: usize,
    /// Pages that did not.
    pub failed: usize,
    /// Microseconds within which half of the pages came.
    pub median_us: u128,
    /// Microseconds within which all but one of a hundred pages came.
    pub p99_us: u128,
    /// Microseconds for all of it.
    pub total_us: u128,
}

impl Report {
    /// Of how long each page took, or that it did not come, in `total`.
    #[must_use]
    pub fn new(pages: Vec<Option<Duration>>, total: Duration) -> Self {
        let all = pages.len();
        let mut served: Vec<Duration> = pages.into_iter().flatten().collect();
        served.sort_unstable();
        let at = |share: usize| {
            served
                .get(served.len() * share / 100)
                .map_or(0, Duration::as_micros)
        };
        Self {
            served: served.len(),
            failed: all - served.len(),
            median_us: at(50),
            p99_us: at(99),
            total_us: total.as_micros(),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            served,
            failed,
            median_us,
            p99_us,
            total_us,
        } = self;
        write!(
            f,
            "{served} pages, {failed} failed, in {total_us} us: half within {median_us} us, 99 % within {p99_us} us"
        )
    }
}
