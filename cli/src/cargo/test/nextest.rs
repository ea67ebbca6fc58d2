//! What nextest says: which tests an expression selects, and what came of a run.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anstream::adapter::strip_str;
use serde_json::Value;
use thiserror::Error;

use super::super::{Cargo, select};
use super::report::{Counts, FailedTest, Reader, Report, panicked_at};

/// Why nextest did not say which tests an expression selects.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FilterError {
    /// There is no nextest, whose language it is.
    #[error("filter expressions are cargo-nextest's, which is not installed")]
    NotInstalled,
    /// It said no, in its own words and above this.
    #[error("cargo-nextest does not understand the filter expression `{expression}`")]
    Refused {
        /// The expression.
        expression: String,
    },
    /// Its answer is not what this version of umbrella understands.
    #[error("cargo-nextest's answer to `cargo nextest list` was not understood")]
    NotUnderstood,
    /// Cargo cannot be run.
    #[error("could not run cargo")]
    NotRun(#[source] io::Error),
}

impl Cargo {
    /// Asks nextest which tests of `packages`, which are built, `expression` selects: programs, and names of tests.
    ///
    /// # Errors
    /// [`FilterError`].
    pub fn select_tests(
        &self,
        root: &Path,
        packages: &[&str],
        expression: &str,
        colour: bool,
    ) -> Result<BTreeSet<(PathBuf, String)>, FilterError> {
        if !self.has_nextest() {
            return Err(FilterError::NotInstalled);
        }
        let mut list = self.command_in(root);
        list.args(["nextest", "list", "--message-format", "json", "--run-ignored", "all", "-E", expression]);
        list.args(select(packages.iter().copied()));
        list.args(["--cargo-quiet", "--color", if colour { "always" } else { "never" }]);
        let output =
            list.stdin(Stdio::null()).stderr(Stdio::inherit()).output().map_err(FilterError::NotRun)?;
        if !output.status.success() {
            return Err(FilterError::Refused { expression: expression.to_owned() });
        }
        selected(&output.stdout).ok_or(FilterError::NotUnderstood)
    }
}

/// The tests that match, in what `cargo nextest list --message-format json` prints.
///
/// Source: the documentation of nextest, machine-readable test lists.
fn selected(json: &[u8]) -> Option<BTreeSet<(PathBuf, String)>> {
    let list: Value = serde_json::from_slice(json).ok()?;
    let mut selected = BTreeSet::new();
    for suite in list.get("rust-suites")?.as_object()?.values() {
        let program = PathBuf::from(suite.get("binary-path")?.as_str()?);
        for (name, test) in suite.get("testcases")?.as_object()? {
            if test.pointer("/filter-match/status")? == "matches" {
                selected.insert((program.clone(), name.clone()));
            }
        }
    }
    Some(selected)
}

/// Reads the merged output and errors of one `cargo nextest run --no-fail-fast`.
#[derive(Debug, Default)]
pub(super) struct Nextest {
    report: Report,
    /// Past the summary: the lines that follow name what failed.
    summed_up: bool,
    /// The test whose output this is, if it failed.
    current: Option<(String, String)>,
    /// Where which test panicked first, by binary and name.
    locations: Vec<((String, String), String)>,
}

/// `        FAIL [   0.070s] (4/6) b::b counts`.
struct Status<'a> {
    word: &'a str,
    binary: &'a str,
    test: &'a str,
}

impl Reader for Nextest {
    fn line(&mut self, line: &str, shown: &mut Vec<String>) {
        let plain = strip_str(line).to_string();
        let plain = plain.trim_end();
        if let Some(counts) = summary(plain) {
            self.summed_up = true;
            self.current = None;
            self.report.counts = counts;
            if counts.ran() > 0 {
                shown.push(line.to_owned());
            }
            return;
        }
        if let Some(status) = status(plain) {
            self.status(&status);
        } else if let (Some(test), Some((_, location))) = (&self.current, panicked_at(plain)) {
            self.locations.push((test.clone(), location.to_owned()));
        }
        if !is_noise(plain) {
            shown.push(line.to_owned());
        }
    }

    fn finish(mut self: Box<Self>) -> Report {
        for failure in &mut self.report.failures {
            let place = self.locations.iter().find(|((binary, test), _)| {
                failure.target.as_ref() == Some(binary) && failure.test.as_ref() == Some(test)
            });
            failure.location = place.map(|(_, location)| location.clone());
        }
        self.report
    }
}

impl Nextest {
    fn status(&mut self, status: &Status<'_>) {
        let test = (status.binary.to_owned(), status.test.to_owned());
        let failed = is_failure(status.word);
        if self.summed_up && failed {
            let failure = FailedTest {
                test: Some(test.1.clone()),
                target: Some(test.0.clone()),
                location: None,
                cargo_args: None,
                topology: None,
            };
            if !self.report.failures.contains(&failure) {
                self.report.failures.push(failure);
            }
        }
        self.current = failed.then_some(test);
    }
}

/// A status line: an upper-case word, the time in brackets, perhaps `(4/6)`, the binary, the test.
fn status(plain: &str) -> Option<Status<'_>> {
    let (word, rest) = plain.trim_start().split_once(" [")?;
    let upper = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, ' ' | '-' | '/' | '+');
    if !word.starts_with(|c: char| c.is_ascii_uppercase()) || !word.chars().all(upper) {
        return None;
    }
    let (_time, rest) = rest.split_once("] ")?;
    let rest = match rest.strip_prefix('(') {
        Some(counted) => counted.split_once(") ")?.1,
        None => rest,
    };
    let (binary, test) = rest.trim_start().split_once(' ')?;
    Some(Status { word, binary, test })
}

/// Everything that is not one of the ways to be fine or not yet done.
fn is_failure(word: &str) -> bool {
    const FINE: [&str; 9] =
        ["PASS", "LEAK", "SKIP", "SLOW", "FLAKY", "START", "TERMINATING", "SETUP PASS", "SETUP START"];
    !(FINE.contains(&word) || word.ends_with(" PASS") || word.starts_with("FLAKY "))
}

/// The counts of `     Summary [   0.1s] 6/7 tests run: 4 passed (1 slow, 1 flaky), 1 failed, 1 timed out, 2 skipped`.
fn summary(plain: &str) -> Option<Counts> {
    let (_time, rest) = plain.strip_prefix("     Summary [")?.split_once("] ")?;
    let counts = without_parentheses(rest.split_once(" run: ")?.1);
    let mut sum = Counts::default();
    for part in counts.split(',') {
        let Some((count, what)) = part.trim().split_once(' ') else { continue };
        let Ok(count) = count.parse::<u64>() else { continue };
        match what.trim() {
            "passed" => sum.passed += count,
            "skipped" => sum.skipped += count,
            _ => sum.failed += count,
        }
    }
    Some(sum)
}

fn without_parentheses(text: &str) -> String {
    let mut depth = 0_u32;
    let mut kept = String::new();
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 => kept.push(c),
            _ => {}
        }
    }
    kept
}

/// Rules, identities, and what the build said before.
fn is_noise(plain: &str) -> bool {
    (!plain.is_empty() && plain.chars().all(|c| c == '─'))
        || plain.starts_with(" Nextest run ID ")
        || plain.starts_with("    Finished `")
        || plain.starts_with("    Starting ")
        || plain == "error: test run failed"
}

#[cfg(test)]
mod tests {
    use super::super::report::read;
    use super::*;

    fn of(output: &str) -> (Report, String) {
        read(Box::new(Nextest::default()), output)
    }

    fn names(report: &Report) -> Vec<(&str, &str, Option<&str>)> {
        report
            .failures
            .iter()
            .filter_map(|failure| {
                Some((failure.target.as_deref()?, failure.test.as_deref()?, failure.location.as_deref()))
            })
            .collect()
    }

    #[test]
    fn the_tests_that_match_an_expression_are_known_by_program_and_name() {
        let json = r#"{"rust-suites":{"b::b":{"binary-path":"/t/b-1","testcases":{
            "counts":{"ignored":false,"filter-match":{"status":"matches"}},
            "crash":{"ignored":false,"filter-match":{"status":"mismatch","reason":"expression"}}}}}}"#;
        let found = selected(json.as_bytes()).expect("understood");
        assert_eq!(found.into_iter().collect::<Vec<_>>(), [(PathBuf::from("/t/b-1"), "counts".to_owned())]);
        assert_eq!(selected(b"[]"), None);
    }

    #[test]
    fn colours_change_nothing() {
        let (report, shown) = of(include_str!("captured/nextest_colour.txt"));
        assert_eq!(report.counts, Counts { passed: 4, failed: 2, skipped: 1, flaky: 0, not_run: 0 });
        assert_eq!(
            names(&report),
            [("b::b", "counts", Some("apps/b/tests/b.rs:2")), ("b::z", "result", None)]
        );
        assert!(shown.contains("\u{1b}[31;1m        FAIL"), "colours pass through");
        assert!(!shown.contains("run ID") && !shown.contains("────────────"), "{shown}");
    }

    #[test]
    fn output_after_the_summary_is_understood_too() {
        let (report, _) = of(include_str!("captured/nextest_final.txt"));
        assert_eq!(report.counts, Counts { passed: 4, failed: 2, skipped: 1, flaky: 0, not_run: 0 });
        assert_eq!(
            names(&report),
            [("b::b", "counts", Some("apps/b/tests/b.rs:2")), ("b::z", "result", None)]
        );
    }

    #[test]
    fn a_filter_that_matches_nothing_runs_nothing() {
        let (report, shown) = of(include_str!("captured/nextest_filtered.txt"));
        assert_eq!(report.counts, Counts { passed: 0, failed: 0, skipped: 7, flaky: 0, not_run: 0 });
        assert_eq!(shown, "");
    }

    #[test]
    fn signals_and_time_outs_are_failures() {
        let (report, _) = of(include_str!("captured/nextest_d.txt"));
        assert_eq!(report.counts, Counts { passed: 1, failed: 2, skipped: 0, flaky: 0, not_run: 0 });
        assert_eq!(names(&report), [("d::abort", "aborts", None), ("d::abort", "slow", None)]);
    }

    #[test]
    fn a_flaky_test_passed_and_one_that_failed_each_time_is_one_failure() {
        let (report, _) = of(include_str!("captured/nextest_retries.txt"));
        assert_eq!(report.counts, Counts { passed: 1, failed: 1, skipped: 0, flaky: 0, not_run: 0 });
        assert_eq!(names(&report), [("c", "always", Some("apps/c/src/lib.rs:2"))]);
    }
}
