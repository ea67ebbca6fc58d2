//! The output of `cargo test`: libtest and rustdoc, several targets one after another.

use std::collections::{BTreeMap, HashMap};
use std::mem;

use anstream::adapter::strip_str;

use super::report::{Counts, FailedTest, Reader, Report, panicked_at};

/// Reads the merged output and errors of one `cargo test --no-fail-fast`.
#[derive(Debug, Default)]
pub(super) struct Libtest {
    /// What came of the targets before this one, in their order.
    reports: Vec<(String, Report)>,
    report: Report,
    /// The binary whose output this is: `tests/b.rs`.
    target: Option<String>,
    /// Whether this binary said what it came to.
    concluded: bool,
    /// Header lines that are worth showing only if the binary has tests.
    held: Vec<String>,
    /// The binary said that it runs nothing.
    empty: bool,
    /// The names under the last `failures:`.
    failed: Option<Vec<String>>,
    /// The test whose captured output this is.
    section: Option<String>,
    /// Where which test panicked first.
    locations: HashMap<String, String>,
}

impl Reader for Libtest {
    fn line(&mut self, line: &str, shown: &mut Vec<String>) {
        let plain = strip_str(line).to_string();
        let plain = plain.trim_end();
        if let Some(target) = new_target(plain) {
            self.close();
            *self = Self { reports: mem::take(&mut self.reports), target: Some(target), ..Self::default() };
            self.held.push(line.to_owned());
        } else if let Some(counts) = result(plain) {
            self.conclude(counts);
            if !mem::take(&mut self.empty) {
                shown.push(line.to_owned());
                // The blank line that follows separates this binary from the next, which may be empty.
                self.held.clear();
            }
        } else if let Some(rest) = plain.strip_prefix("running ").filter(|_| is_running(plain)) {
            self.empty = rest.starts_with("0 ");
            if self.empty { self.held.clear() } else { self.show(line, shown) }
        } else if plain.is_empty() && (self.empty || self.concluded || !self.held.is_empty()) {
            if !self.empty && !self.concluded {
                self.held.push(line.to_owned());
            }
        } else if !is_noise(plain) {
            self.learn(plain);
            self.show(line, shown);
        }
    }

    fn finish(self: Box<Self>) -> Report {
        let mut whole = Report::default();
        self.closed().reports.into_iter().for_each(|(_target, report)| whole.merge(report));
        whole
    }
}

impl Libtest {
    /// What came of each target; of documentation, by the name of its library.
    pub(super) fn by_target(self: Box<Self>) -> BTreeMap<String, Report> {
        let mut reports: BTreeMap<String, Report> = BTreeMap::new();
        for (target, report) in self.closed().reports {
            reports.entry(target).or_default().merge(report);
        }
        reports
    }

    fn closed(mut self: Box<Self>) -> Box<Self> {
        self.close();
        self
    }

    /// What was said until now was of this target.
    fn close(&mut self) {
        let target = self.target.take().unwrap_or_default();
        let target = target.strip_prefix("Doc-tests ").unwrap_or(&target).to_owned();
        let report = mem::take(&mut self.report);
        if report != Report::default() {
            self.reports.push((target, report));
        }
    }

    /// Shows what was held back, and `line`.
    fn show(&mut self, line: &str, shown: &mut Vec<String>) {
        shown.append(&mut self.held);
        shown.push(line.to_owned());
    }

    /// Takes from a line what matters later.
    fn learn(&mut self, plain: &str) {
        if let Some((thread, location)) = panicked_at(plain) {
            let test = self.section.as_deref().unwrap_or(thread);
            self.locations.entry(test.to_owned()).or_insert_with(|| location.to_owned());
        } else if plain == "failures:" {
            // It comes twice: above the captured output, then above the names.
            self.failed = Some(Vec::new());
            self.section = None;
        } else if let Some(name) = section(plain) {
            self.section = Some(name.to_owned());
        } else if let Some(args) = rerun_args(plain) {
            if !self.concluded {
                self.conclude_as_a_whole(args);
            }
        } else if let (Some(failed), Some(name)) = (&mut self.failed, plain.strip_prefix("    ")) {
            failed.push(name.to_owned());
        }
    }

    /// The binary said what it came to.
    fn conclude(&mut self, counts: Counts) {
        self.concluded = true;
        self.report.counts += counts;
        if counts.failed > 0 {
            for test in self.failed.take().unwrap_or_default() {
                self.report.failures.push(FailedTest {
                    location: self.locations.remove(&test),
                    test: Some(test),
                    target: self.target.clone(),
                    cargo_args: None,
                    topology: None,
                });
            }
        }
    }

    /// The binary failed without saying more: it was killed, or it has a harness of its own.
    fn conclude_as_a_whole(&mut self, args: &str) {
        self.concluded = true;
        self.report.fail_as_a_whole(self.target.clone(), Some(args.to_owned()));
    }
}

/// `tests/b.rs` of `     Running tests/b.rs (target/debug/deps/b-0d06ab1402fa841a)`.
fn new_target(plain: &str) -> Option<String> {
    if let Some(rest) = plain.strip_prefix("     Running ") {
        let target = rest.rsplit_once(" (")?.0;
        return Some(target.strip_prefix("unittests ").unwrap_or(target).to_owned());
    }
    plain.starts_with("   Doc-tests ").then(|| plain.trim_start().to_owned())
}

fn is_running(plain: &str) -> bool {
    let words: Vec<&str> = plain.split(' ').collect();
    matches!(words.as_slice(), ["running", count, "test" | "tests"] if count.parse::<u64>().is_ok())
}

/// The counts of `test result: ok. 1 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.00s`.
fn result(plain: &str) -> Option<Counts> {
    let (_verdict, counts) = plain.strip_prefix("test result: ")?.split_once(". ")?;
    let mut sum = Counts::default();
    for part in counts.split("; ") {
        let Some((count, what)) = part.split_once(' ') else { continue };
        let Ok(count) = count.parse::<u64>() else { continue };
        match what {
            // A benchmark that is measured ran and did not fail.
            "passed" | "measured" => sum.passed += count,
            "failed" => sum.failed += count,
            "ignored" | "filtered out" => sum.skipped += count,
            _ => {}
        }
    }
    Some(sum)
}

/// The name of `---- tests::adds stdout ----`.
fn section(plain: &str) -> Option<&str> {
    plain.strip_prefix("---- ")?.strip_suffix(" stdout ----")
}

/// `-p b --test b` of ``error: test failed, to rerun pass `-p b --test b` ``.
fn rerun_args(plain: &str) -> Option<&str> {
    let (what, args) = plain.strip_prefix("error: ")?.split_once(", to rerun pass `")?;
    matches!(what, "test failed" | "doctest failed").then_some(args.strip_suffix('`')?)
}

/// Lines that say again what the summary says, or what the build said before.
fn is_noise(plain: &str) -> bool {
    plain.starts_with("    Finished `")
        || plain.starts_with("all doctests ran in ")
        || (plain.starts_with("error: ")
            && (plain.ends_with(" targets failed:") || plain.ends_with(" target failed:")))
        || (plain.starts_with("    `-p ") && plain.ends_with('`'))
}

#[cfg(test)]
mod tests {
    use super::super::report::read;
    use super::*;

    fn of(output: &str) -> (Report, String) {
        read(Box::new(Libtest::default()), output)
    }

    fn names(report: &Report) -> Vec<(Option<&str>, Option<&str>, Option<&str>)> {
        report
            .failures
            .iter()
            .map(|failure| (failure.target.as_deref(), failure.test.as_deref(), failure.location.as_deref()))
            .collect()
    }

    const FAILED: [(Option<&str>, Option<&str>, Option<&str>); 3] = [
        (Some("tests/b.rs"), Some("counts"), Some("apps/b/tests/b.rs:2")),
        (Some("tests/z.rs"), Some("result"), None),
        (Some("Doc-tests b"), Some("apps/b/src/lib.rs - sub (line 12)"), None),
    ];

    #[test]
    fn several_binaries_ignored_tests_and_doctests_add_up() {
        let (report, shown) = of(include_str!("captured/libtest_b.txt"));
        assert_eq!(report.counts, Counts { passed: 6, failed: 3, skipped: 2, flaky: 0, not_run: 0 });
        assert_eq!(names(&report), FAILED);
        assert!(shown.starts_with("     Running unittests src/lib.rs"), "{shown}");
        assert!(!shown.contains("targets failed"), "{shown}");
        assert!(shown.contains("assertion `left == right` failed: sum"), "{shown}");
    }

    #[test]
    fn colours_and_uncaptured_output_change_nothing() {
        let (report, shown) = of(include_str!("captured/libtest_colour.txt"));
        assert_eq!(report.counts, Counts { passed: 6, failed: 3, skipped: 2, flaky: 0, not_run: 0 });
        assert_eq!(names(&report), FAILED);
        assert!(shown.contains("\u{1b}[31mFAILED"), "colours pass through");
    }

    #[test]
    fn binaries_that_run_nothing_are_not_shown() {
        let (report, shown) = of(include_str!("captured/libtest_filtered.txt"));
        assert_eq!(report.counts, Counts { passed: 0, failed: 0, skipped: 11, flaky: 0, not_run: 0 });
        assert_eq!(shown, "");
    }

    #[test]
    fn a_binary_that_aborts_or_has_its_own_harness_fails_as_a_whole() {
        let (report, shown) = of(include_str!("captured/libtest_d.txt"));
        assert_eq!(report.counts.failed, 2);
        let args: Vec<_> =
            report.failures.iter().filter_map(|failure| failure.cargo_args.as_deref()).collect();
        assert_eq!(args, ["-p d --test abort", "-p d --test custom"]);
        assert!(shown.contains("SIGABRT") && shown.contains("custom harness"), "{shown}");
        assert!(!shown.contains("running 0 tests"), "{shown}");
    }

    #[test]
    fn a_test_may_print_what_looks_like_a_heading() {
        let output = "     Running tests/b.rs (target/debug/deps/b-1)\n\nrunning 1 test\ntest x ... FAILED\n\nfailures:\n\n\
            ---- x stdout ----\nrunning late\nfailures:\n    not a test\n\n\nfailures:\n    x\n\n\
            test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n";
        assert_eq!(names(&of(output).0), [(Some("tests/b.rs"), Some("x"), None)]);
    }
}
