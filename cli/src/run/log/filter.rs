//! Which entries are shown. PURE.

use std::time::Duration;

use super::entry::{Entry, Level};
use crate::run::clock::timestamp;

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of these applications; of all and of the nodes themselves, if there are none.
    pub applications: Vec<String>,
    /// As grave as this, or graver.
    pub level: Option<Level>,
    /// Not before this time, as it stands in the log.
    pub since: Option<String>,
}

impl Filter {
    /// Whether an entry is shown. What a program prints itself is of no application and no level.
    #[must_use]
    pub fn shows(&self, entry: &Entry) -> bool {
        let who = entry.head.as_ref().and_then(|head| head.who.as_ref());
        let of_these = self.applications.is_empty() || who.is_some_and(|who| self.applications.contains(who));
        let level = entry.head.as_ref().map(|head| head.level);
        let grave = self.level.is_none_or(|least| level.is_some_and(|level| level <= least));
        // Times are written so that their text is in their order.
        let late = self.since.as_ref().is_none_or(|since| entry.time >= *since);
        of_these && grave && late
    }
}

/// `5m`, `90s`, `2h`, `1d`, or a time as it stands in the log, or the beginning of one: as such a time.
///
/// # Errors
/// What it may be.
pub fn since(text: &str, now_unix_ms: u64) -> Result<String, String> {
    if text.len() >= 10 && text.as_bytes()[..10].iter().zip(b"0000-00-00").all(alike) {
        return Ok(text.replacen(' ', "T", 1));
    }
    let ago = duration(text)
        .ok_or("it is a time ago, such as 90s, 5m, 2h, 1d, or a time, such as 2026-11-21T08:00")?;
    let ago = u64::try_from(ago.as_millis()).unwrap_or(u64::MAX);
    Ok(timestamp(now_unix_ms.saturating_sub(ago)))
}

fn alike((byte, shape): (&u8, &u8)) -> bool {
    if *shape == b'0' { byte.is_ascii_digit() } else { byte == shape }
}

/// A number and its unit.
#[must_use]
pub fn duration(text: &str) -> Option<Duration> {
    let unit = text.find(|char: char| !char.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(unit);
    let seconds = match unit {
        "s" | "" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(seconds).map(Duration::from_secs)
}

/// The entries of several logs in one, by time; of entries at the same time those of the first log come first.
#[must_use]
pub fn merged(logs: Vec<Vec<Entry>>) -> Vec<(usize, Entry)> {
    let all = logs.into_iter().enumerate();
    let mut all: Vec<_> =
        all.flat_map(|(log, entries)| entries.into_iter().map(move |entry| (log, entry))).collect();
    // Stable: what one log says stays in its order.
    all.sort_by(|(_, one), (_, other)| one.time.cmp(&other.time));
    all
}

#[cfg(test)]
mod tests {
    use super::super::entry::Reader;
    use super::*;

    fn entries(lines: &[&str]) -> Vec<Entry> {
        let lines: Vec<String> = lines.iter().map(|line| format!("2026-11-21T03:18:0{line}")).collect();
        Reader::default().entries(lines.iter().map(String::as_str))
    }

    #[test]
    fn applications_levels_and_times_are_kept_apart() {
        let all = entries(&["0.000Z INFO  b  one", "1.000Z WARN  c  two", "2.000Z ERROR b  three"]);
        let texts = |filter: Filter| {
            all.iter()
                .filter(|entry| filter.shows(entry))
                .map(|entry| entry.text.as_str())
                .collect::<Vec<_>>()
        };
        assert_eq!(texts(Filter::default()), ["one", "two", "three"]);
        assert_eq!(texts(Filter { applications: vec!["b".into()], ..Filter::default() }), ["one", "three"]);
        assert_eq!(texts(Filter { level: Some(Level::Warn), ..Filter::default() }), ["two", "three"]);
        let since = Some("2026-11-21T03:18:01".to_owned());
        assert_eq!(texts(Filter { since, ..Filter::default() }), ["two", "three"]);
    }

    #[test]
    fn logs_are_merged_by_time_and_each_stays_in_its_order() {
        let one = entries(&["1.000Z INFO  a  first", "1.000Z INFO  a  second", "3.000Z INFO  a  last"]);
        let other = entries(&["0.500Z INFO  b  zeroth", "1.000Z INFO  b  third"]);
        let merged = merged(vec![one, other]);
        let told: Vec<_> = merged.iter().map(|(log, entry)| (*log, entry.text.as_str())).collect();
        assert_eq!(told, [(1, "zeroth"), (0, "first"), (0, "second"), (1, "third"), (0, "last")]);
    }

    #[test]
    fn since_is_a_time_ago_or_a_time() {
        let now = 1_763_694_000_000;
        assert_eq!(since("90s", now).as_deref(), Ok("2025-11-21T02:58:30.000Z"));
        assert_eq!(since("2h", now).as_deref(), Ok("2025-11-21T01:00:00.000Z"));
        assert_eq!(since("2026-11-21 08:00", now).as_deref(), Ok("2026-11-21T08:00"));
        assert!(since("soon", now).is_err() && since("5w", now).is_err());
    }
}
