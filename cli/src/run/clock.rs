//! Times as a person reads them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The time of day, in milliseconds since 1970, as run files and nodes write it.
#[must_use]
pub fn now_unix_ms() -> u64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since_1970.as_millis().try_into().unwrap_or(u64::MAX)
}

/// `2026-11-21T03:18:00.123Z`, as nodes write times.
#[must_use]
pub fn timestamp(unix_ms: u64) -> String {
    const DAY: u64 = 24 * 60 * 60 * 1000;
    let (year, month, day) = date(unix_ms / DAY);
    let ms = unix_ms % DAY;
    let (hour, minute, second) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", ms % 1000)
}

/// Year, month and day of a day since 1970: years are counted from March, in eras of 400.
fn date(days: u64) -> (u64, u64, u64) {
    const ERA: u64 = 400 * 365 + 97;
    let days = days + 719_468;
    let day_of_era = days % ERA;
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (days / ERA * 400 + year_of_era + u64::from(month <= 2), month, day)
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
    fn times_are_written_as_nodes_write_them() {
        assert_eq!(timestamp(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(timestamp(951_782_400_123), "2000-02-29T00:00:00.123Z");
        assert_eq!(timestamp(1_763_694_000_000), "2025-11-21T03:00:00.000Z");
    }

    #[test]
    fn a_clock_that_was_set_back_is_no_time() {
        assert_eq!(since(10, 5), Duration::ZERO);
    }
}
