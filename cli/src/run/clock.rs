//! Times as a person reads them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The time of day, in milliseconds since 1970, as run files and nodes write it.
#[must_use]
pub fn now_unix_ms() -> u64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since_1970.as_millis().try_into().unwrap_or(u64::MAX)
}

/// Two units at most, the second only where it tells something: `42s`, `3m`, `2h 5m`, `3d 4h`.
#[must_use]
pub fn readable(time: Duration) -> String {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    let seconds = time.as_secs();
    match seconds {
        0 => format!("{}ms", time.as_millis()),
        1..MINUTE => format!("{seconds}s"),
        MINUTE..HOUR => format!("{}m", seconds / MINUTE),
        HOUR..DAY => two(seconds, HOUR, "h", MINUTE, "m"),
        DAY.. => two(seconds, DAY, "d", HOUR, "h"),
    }
}

fn two(seconds: u64, large: u64, large_unit: &str, small: u64, small_unit: &str) -> String {
    match seconds % large / small {
        0 => format!("{}{large_unit}", seconds / large),
        rest => format!("{}{large_unit} {rest}{small_unit}", seconds / large),
    }
}

/// The time from `unix_ms` to `now_unix_ms`; zero if the clock was set back between the two.
#[must_use]
pub fn since(unix_ms: u64, now_unix_ms: u64) -> Duration {
    Duration::from_millis(now_unix_ms.saturating_sub(unix_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_two_units_at_most() {
        let of = |seconds| readable(Duration::from_secs(seconds));
        assert_eq!(readable(Duration::from_millis(412)), "412ms");
        assert_eq!(of(42), "42s");
        assert_eq!(of(3 * 60 + 59), "3m");
        assert_eq!(of(2 * 3600 + 5 * 60 + 7), "2h 5m");
        assert_eq!(of(2 * 3600), "2h");
        assert_eq!(of(3 * 86400 + 4 * 3600), "3d 4h");
        assert_eq!(of(86400 + 59 * 60), "1d");
    }

    #[test]
    fn a_clock_that_was_set_back_is_no_time() {
        assert_eq!(since(10, 5), Duration::ZERO);
    }
}
