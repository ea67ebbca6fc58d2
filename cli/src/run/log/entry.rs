//! What a node writes: `2026-11-21T03:18:00.123Z INFO  b  what happened`, and below it, indented, what else is known. PURE.
//!
//! What a program prints itself stands among it, without time or level.

use std::str::FromStr;

/// How grave it is, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Level {
    /// Something failed.
    Error,
    /// Something may be wrong.
    Warn,
    /// What operators want to know.
    Info,
    /// What engineers want to know.
    Debug,
    /// All there is.
    Trace,
}

/// One thing that was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When, as it stands there; that of the entry before, if it says nothing.
    pub time: String,
    /// Nothing for what a program prints itself.
    pub head: Option<Head>,
    /// The message, or the line as it is.
    pub text: String,
    /// What stands below it.
    pub below: Vec<String>,
    /// It belongs to the entry before it, of which the beginning was read earlier.
    pub continues: bool,
}

/// What the beginning of a line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// How grave it is.
    pub level: Level,
    /// The application, or the node; nothing if nobody in particular.
    pub who: Option<String>,
}

impl Level {
    /// As it stands in the log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "ERROR",
            Self::Warn => "WARN",
            Self::Info => "INFO",
            Self::Debug => "DEBUG",
            Self::Trace => "TRACE",
        }
    }
}

impl FromStr for Level {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let all = [Self::Error, Self::Warn, Self::Info, Self::Debug, Self::Trace];
        all.into_iter().find(|level| level.as_str() == text).ok_or(())
    }
}

/// Makes entries of lines.
#[derive(Debug, Default)]
pub struct Reader {
    /// When the last entry was.
    time: String,
}

impl Reader {
    /// The entries of whole lines; what continues the last entry of the lines before is one that says so.
    pub fn entries<'a>(&mut self, lines: impl IntoIterator<Item = &'a str>) -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        for line in lines {
            let line = anstream::adapter::strip_str(line).to_string();
            if let Some((time, head, text)) = head(&line) {
                time.clone_into(&mut self.time);
                let (time, text) = (time.to_owned(), text.to_owned());
                entries.push(Entry { time, head: Some(head), text, below: Vec::new(), continues: false });
            } else if line.starts_with("    ") {
                match entries.last_mut() {
                    Some(last) => last.below.push(line),
                    None => entries.push(Entry { continues: true, ..self.plain(line) }),
                }
            } else {
                entries.push(self.plain(line));
            }
        }
        entries
    }

    fn plain(&self, text: String) -> Entry {
        Entry { time: self.time.clone(), head: None, text, below: Vec::new(), continues: false }
    }
}

/// Time, level and who, and the message behind them; nothing if the line does not begin so.
fn head(line: &str) -> Option<(&str, Head, &str)> {
    let (time, rest) = line.split_once(' ')?;
    if !is_time(time) {
        return None;
    }
    let (level, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let level = level.parse().ok()?;
    // The level is padded to five; then comes who, and two blanks, or the message at once.
    let pad = if matches!(level, Level::Warn | Level::Info) { 1 } else { 0 };
    let rest = rest.get(pad..).unwrap_or_default();
    let (who, text) = match rest.split_once("  ") {
        Some((who, text)) if is_name(who) => (Some(who.to_owned()), text),
        _ => (None, rest),
    };
    Some((time, Head { level, who }, text))
}

/// `2026-11-21T03:18:00.123Z`.
fn is_time(text: &str) -> bool {
    const SHAPE: &[u8] = b"0000-00-00T00:00:00.000Z";
    text.len() == SHAPE.len()
        && text.bytes().zip(SHAPE).all(|(byte, shape)| match shape {
            b'0' => byte.is_ascii_digit(),
            other => byte == *other,
        })
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(time: &str, head: Option<(Level, Option<&str>)>, text: &str) -> Entry {
        let head = head.map(|(level, who)| Head { level, who: who.map(str::to_owned) });
        Entry { time: time.into(), head, text: text.into(), below: Vec::new(), continues: false }
    }

    #[test]
    fn lines_are_taken_apart_and_what_stands_below_stays_with_them() {
        let one = "2026-11-21T03:18:00.123Z";
        let two = "2026-11-21T03:18:01.000Z";
        let log = format!(
            "{one} INFO  b  started (1.2ms)\nhello  world\n{two} ERROR b  b_counter <0.4.0> panicked\n    last \
             message: add(2)\n    state: Counter {{ count: 1 }}\n{two} WARN  nobody said this\n\u{1b}[2m{two}\u{1b}[0m \
             \u{1b}[31mDEBUG\u{1b}[0m c-2  x"
        );
        let mut reader = Reader::default();
        let entries = reader.entries(log.lines());
        let crash = Entry {
            below: vec!["    last message: add(2)".into(), "    state: Counter { count: 1 }".into()],
            ..entry(two, Some((Level::Error, Some("b"))), "b_counter <0.4.0> panicked")
        };
        let expected = [
            entry(one, Some((Level::Info, Some("b"))), "started (1.2ms)"),
            entry(one, None, "hello  world"),
            crash,
            entry(two, Some((Level::Warn, None)), "nobody said this"),
            entry(two, Some((Level::Debug, Some("c-2"))), "x"),
        ];
        assert_eq!(entries, expected);
        let later = reader.entries(["    ancestors: top"]);
        assert_eq!(later, [Entry { continues: true, ..entry(two, None, "    ancestors: top") }]);
    }

    #[test]
    fn what_only_looks_like_a_log_is_left_as_it_is() {
        for line in ["", "2026-11-21 INFO b  x", "2026-11-21T03:18:00.123Z LOUD b  x", "x INFO  b  y"] {
            assert_eq!(Reader::default().entries([line]), [entry("", None, line)], "{line}");
        }
    }
}
