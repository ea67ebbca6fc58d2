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
    /// Of those that passed, how many did not at first.
    pub flaky: u64,
    /// Chosen and not begun, as something ended the run before.
    pub not_run: u64,
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
    /// How the applications were placed, if not all in one node.
    pub topology: Option<String>,
}

/// A test that ran when the run was interrupted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InterruptedTest {
    /// The name by which its program knows it; nothing for a program that is one test.
    pub test: Option<String>,
    /// The source of its program, from the root.
    pub target: String,
}

/// A test that ran in a process of its own.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tested {
    /// The name by which its program knows it; nothing for a program that is one test.
    pub test: Option<String>,
    /// The source of its program, from the root: `apps/b/tests/b.rs`.
    pub target: String,
    /// Whether it passed in the end.
    pub passed: bool,
    /// How often it was run.
    pub attempts: u32,
    /// How long the last time took.
    pub seconds: f64,
    /// Where it panicked, if it failed.
    pub location: Option<String>,
    /// How the applications were placed, if not all in one node.
    pub topology: Option<String>,
    /// Whether it left a process behind, which was ended.
    pub leaky: bool,
    /// What it printed, if it did not pass each time.
    #[serde(skip)]
    pub output: String,
}

/// What one run came to.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    /// How many tests did what.
    #[serde(flatten)]
    pub counts: Counts,
    /// The failed ones, in the order of appearance.
    pub failures: Vec<FailedTest>,
    /// Those that were ended by an interruption, and did neither pass nor fail.
    pub interrupted: Vec<InterruptedTest>,
    /// The tests that ran in processes of their own, in the order in which they were done.
    pub tests: Vec<Tested>,
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
        self.flaky += other.flaky;
        self.not_run += other.not_run;
    }
}

impl Report {
    /// Adds what another run came to.
    pub fn merge(&mut self, other: Self) {
        self.counts += other.counts;
        self.failures.extend(other.failures);
        self.interrupted.extend(other.interrupted);
        self.tests.extend(other.tests);
    }

    /// Adds a test that ran.
    pub fn add(&mut self, tested: Tested) {
        let failed = u64::from(!tested.passed);
        self.counts += Counts {
            passed: 1 - failed,
            failed,
            flaky: u64::from(tested.passed && tested.attempts > 1),
            ..Counts::default()
        };
        if !tested.passed {
            self.failures.push(FailedTest {
                test: tested.test.clone(),
                target: Some(tested.target.clone()),
                location: tested.location.clone(),
                cargo_args: None,
                topology: tested.topology.clone(),
            });
        }
        self.tests.push(tested);
    }

    /// Something failed and did not say which test it was.
    pub(super) fn fail_as_a_whole(&mut self, target: Option<String>, cargo_args: Option<String>) {
        self.counts.failed += 1;
        let failed = FailedTest { test: None, target, location: None, cargo_args, topology: None };
        self.failures.push(failed);
    }
}

/// Where the output of a failed test says that it panicked.
#[must_use]
pub fn location(output: &str) -> Option<String> {
    output.lines().find_map(panicked_at).map(|(_thread, location)| location.to_owned())
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
