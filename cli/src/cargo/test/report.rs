//! What a test run came to: PURE data, whichever runner produced it.

use serde::Serialize;

/// How many tests did what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Ran and passed.
    pub passed: u64,
    /// Ran and failed.
    pub failed: u64,
    /// Not run: ignored or filtered out. The runners do not agree on which is which.
    pub skipped: u64,
}

/// A test that failed, or a whole test binary that did not get as far as saying which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FailedTest {
    /// The name by which the runner knows it; nothing when the whole binary failed.
    pub test: Option<String>,
    /// The binary, in the runner's words: `tests/b.rs`, `b::b`, `Doc-tests b`.
    pub target: Option<String>,
    /// Where it panicked: `apps/b/tests/b.rs:12`.
    pub location: Option<String>,
    /// The arguments of `cargo test` that select the binary, known when it failed as a whole.
    pub cargo_args: Option<String>,
}

/// What one run came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// How many tests did what.
    #[serde(flatten)]
    pub counts: Counts,
    /// The failed ones, in the order of appearance.
    pub failures: Vec<FailedTest>,
}

/// Reads the lines of a runner as they come: says what to show of them, and in the end what they meant.
pub(super) trait Reader {
    /// Takes one line without its line break. Pushes to `shown` what a person should see now.
    fn line(&mut self, line: &str, shown: &mut Vec<String>);

    /// What the lines came to.
    fn finish(self: Box<Self>) -> Report;
}

impl Counts {
    /// How many ran.
    #[must_use]
    pub fn ran(&self) -> u64 {
        self.passed + self.failed
    }
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl Report {
    /// Adds what another run came to.
    pub fn merge(&mut self, other: Self) {
        self.counts += other.counts;
        self.failures.extend(other.failures);
    }
}

/// `apps/b/tests/b.rs:12` of `thread 'counts' (812) panicked at apps/b/tests/b.rs:12:5:`, with the thread's name.
///
/// Files outside the workspace (the standard library, a doctest's temporary file) are nobody's line to look at.
pub(super) fn panicked_at(line: &str) -> Option<(&str, &str)> {
    let (thread, place) = line.trim_start().strip_prefix("thread '")?.split_once(" panicked at ")?;
    let thread = thread.rsplit_once('\'')?.0;
    let (location, _column) = place.strip_suffix(':')?.rsplit_once(':')?;
    (!location.starts_with('/')).then_some((thread, location))
}

#[cfg(test)]
pub(super) fn read(mut reader: Box<dyn Reader>, output: &str) -> (Report, String) {
    let mut shown = Vec::new();
    for line in output.lines() {
        reader.line(line, &mut shown);
    }
    (reader.finish(), shown.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_says_where_and_on_which_thread() {
        let old = "thread 'tests::it's' panicked at src/lib.rs:3:5:";
        assert_eq!(panicked_at(old), Some(("tests::it's", "src/lib.rs:3")));
        let new = "    thread 'counts' (812) panicked at apps/b/tests/b.rs:12:46:";
        assert_eq!(panicked_at(new), Some(("counts", "apps/b/tests/b.rs:12")));
        assert_eq!(panicked_at("thread 'main' (9) panicked at /doctest/doc.rs:1:1:"), None);
        assert_eq!(panicked_at("the thread 'main' panicked at nothing"), None);
    }
}
