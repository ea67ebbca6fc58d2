//! What all units together came to: the total, the failed list, the exit code. PURE.

use std::time::Duration;

use serde::Serialize;

use super::report::{Counts, FailedTest, InterruptedTest, Report, Tested};
use crate::exit::ExitCode;
use crate::plan::test::{Unit, UnitKind};

/// A unit and what became of it.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// What was tested.
    #[serde(flatten)]
    pub unit: Unit,
    /// What became of it.
    #[serde(flatten)]
    pub result: UnitResult,
}

/// What became of a unit.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum UnitResult {
    /// Its tests ran.
    Tested(Report),
    /// It, or something it depends on, does not compile.
    NotBuilt,
    /// Ctrl-C came before anything of it ran.
    Interrupted,
}

/// Everything that came of one `umbrella test`.
#[derive(Clone, Debug, Serialize)]
pub struct Verdict {
    /// Of the JSON: 1.
    version: u32,
    /// The units, in the order they were tested.
    pub units: Vec<Outcome>,
    /// Their sum.
    #[serde(flatten)]
    pub counts: Counts,
    /// How long it all took.
    #[serde(skip)]
    pub elapsed: Duration,
    /// Whether a filter was given, so that "no test ran" means that it matched nothing.
    #[serde(skip)]
    pub filtered: bool,
    /// The seed of the order in which the tests ran, if it was shuffled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// How an interrupted run ends.
    #[serde(skip)]
    pub interrupted: Option<ExitCode>,
}

/// So many units that were not built have a line each, even if no unit was.
pub const FEW: usize = 3;

impl Verdict {
    /// Sums up `units`.
    #[must_use]
    pub fn new(units: Vec<Outcome>, elapsed: Duration, filtered: bool) -> Self {
        let mut counts = Counts::default();
        for outcome in &units {
            if let UnitResult::Tested(report) = &outcome.result {
                counts += report.counts;
            }
        }
        Self { version: 1, units, counts, elapsed, filtered, seed: None, interrupted: None }
    }

    /// How the command ends. The worst comes first: an interruption leaves open what else would have come, and what was not
    /// built was not even tried.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        let any = |what: fn(&UnitResult) -> bool| self.units.iter().any(|outcome| what(&outcome.result));
        if let Some(code) = self.interrupted {
            code
        } else if any(|result| matches!(result, UnitResult::NotBuilt)) {
            ExitCode::BuildFailed
        } else if self.counts.failed > 0 {
            ExitCode::TestsFailed
        } else if self.filtered && self.counts.ran() == 0 {
            ExitCode::NothingMatched
        } else {
            ExitCode::Done
        }
    }

    /// `Summary [ 0.9s] 3 applications, 14 tests: 13 passed, 1 failed`.
    #[must_use]
    pub fn summary(&self) -> String {
        let units = |kind, one: &str| {
            let count = self.units.iter().filter(|outcome| outcome.unit.kind == kind).count();
            (count > 0).then(|| counted(count as u64, one))
        };
        let mut what: Vec<String> =
            [units(UnitKind::Application, "application"), units(UnitKind::Crate, "crate")]
                .into_iter()
                .flatten()
                .collect();
        what.push(counted(self.counts.ran(), "test"));
        let mut summary = format!("Summary [{:>4.1}s] {}", self.elapsed.as_secs_f64(), what.join(", "));
        if self.counts.ran() > 0 {
            let flaky = match self.counts.flaky {
                0 => String::new(),
                flaky => format!(" ({flaky} flaky)"),
            };
            summary += &format!(": {} passed{flaky}, {} failed", self.counts.passed, self.counts.failed);
        }
        if self.counts.skipped > 0 {
            summary += &format!(", {} skipped", self.counts.skipped);
        }
        for (count, how) in [(self.count_ended(), "interrupted"), (self.counts.not_run, "not run")] {
            if count > 0 {
                summary += &format!(", {count} {how}");
            }
        }
        let untested = self.count(&UnitResult::Interrupted);
        for (count, how) in [(self.count(&UnitResult::NotBuilt), "not built"), (untested, "not tested")] {
            if count > 0 {
                summary += &format!("; {count} {how}");
            }
        }
        summary
    }

    /// The `count` tests that took longest, the longest first: `  1.234s b counts`.
    #[must_use]
    pub fn slowest(&self, count: usize) -> Vec<String> {
        let mut tests: Vec<(&str, &Tested)> = Vec::new();
        for outcome in &self.units {
            if let UnitResult::Tested(report) = &outcome.result {
                tests.extend(report.tests.iter().map(|tested| (outcome.unit.name.as_str(), tested)));
            }
        }
        tests.sort_by(|(_, a), (_, b)| b.seconds.total_cmp(&a.seconds));
        let line = |(unit, tested): &(&str, &Tested)| {
            let name = tested.test.as_deref().map_or(tested.target.as_str(), shown);
            let topology = tested.topology.iter().flat_map(|topology| ["  in ", topology]);
            format!("{:>8.3}s {unit} {name}{}", tested.seconds, topology.collect::<String>())
        };
        tests.iter().take(count).map(line).collect()
    }

    /// Whether none of many units was built: then cargo's one reason is worth more than a line for each.
    fn nothing_was_built(&self) -> bool {
        self.units.len() > FEW && self.count(&UnitResult::NotBuilt) == self.units.len()
    }

    /// One line for each failure, and under it the line that runs it again.
    #[must_use]
    pub fn failed_list(&self) -> Vec<(String, String)> {
        let mut list = Vec::new();
        if self.nothing_was_built() {
            let all = format!("  BUILD all of {}", self.units.len());
            return vec![(all, "umbrella test --failed".to_owned())];
        }
        for outcome in &self.units {
            let name = &outcome.unit.name;
            match &outcome.result {
                UnitResult::NotBuilt => {
                    list.push((format!("  BUILD {name}"), format!("umbrella test {name}")))
                }
                UnitResult::Tested(report) => {
                    let ended = report.interrupted.iter();
                    list.extend(ended.map(|test| (ended_line(name, test), rerun_ended(name, test))));
                    list.extend(
                        report.failures.iter().map(|test| (failed_line(name, test), rerun(name, test))),
                    );
                }
                UnitResult::Interrupted => {}
            }
        }
        list
    }

    /// How many units came to `result`, which holds nothing more.
    fn count(&self, result: &UnitResult) -> usize {
        self.units.iter().filter(|outcome| outcome.result == *result).count()
    }

    fn count_ended(&self) -> u64 {
        let ended = |outcome: &Outcome| match &outcome.result {
            UnitResult::Tested(report) => report.interrupted.len() as u64,
            UnitResult::NotBuilt | UnitResult::Interrupted => 0,
        };
        self.units.iter().map(ended).sum()
    }
}

/// `  ENDED b counts`: it ran when the run was interrupted.
fn ended_line(unit: &str, test: &InterruptedTest) -> String {
    format!("  ENDED {unit} {}", test.test.as_deref().map_or(test.target.as_str(), shown))
}

fn rerun_ended(unit: &str, test: &InterruptedTest) -> String {
    let exact = |name: &String| format!("umbrella test {unit} -- --exact {}", quoted(name));
    test.test.as_ref().map_or_else(|| format!("umbrella test {}", quoted(&test.target)), exact)
}

/// `   FAIL b counts  apps/b/tests/b.rs:12`.
fn failed_line(unit: &str, test: &FailedTest) -> String {
    let name = match (&test.test, &test.target) {
        (Some(name), _) => name.clone(),
        (None, Some(target)) => format!("{target} (all of it)"),
        (None, None) => "(its test runner failed: see above)".to_owned(),
    };
    let mut line = format!("   FAIL {unit} {}", shown(&name));
    line.extend(test.location.iter().flat_map(|location| ["  ", location]));
    line.extend(test.topology.iter().flat_map(|topology| ["  in ", topology]));
    line
}

/// The test that `umbrella::application!()` brings: an application starts and stops as it should.
///
/// The name is that of the module and the function that the macro writes.
pub const START_STOP: &str = "umbrella_conformance::start_stop";

/// A test as people read it.
#[must_use]
pub fn shown(test: &str) -> &str {
    if test == START_STOP { "start/stop" } else { test }
}

/// What runs the failed test again when it is pasted.
fn rerun(unit: &str, test: &FailedTest) -> String {
    match (&test.test, &test.cargo_args) {
        // rustdoc splits its arguments at blanks, so the name of a documentation test cannot be given whole.
        (Some(name), _) if is_doctest(test) => {
            let file = name.split(" - ").next().unwrap_or(name);
            format!("umbrella test {unit} -- {}", quoted(file))
        }
        (Some(name), _) => {
            let topology = test.topology.as_deref();
            let group = topology.map(|topology| format!(" --group {}", quoted(topology))).unwrap_or_default();
            format!("umbrella test {unit}{group} -- --exact {}", quoted(name))
        }
        (None, Some(args)) => format!("cargo test {args}"),
        (None, None) => format!("umbrella test {unit}"),
    }
}

fn is_doctest(test: &FailedTest) -> bool {
    test.target.as_deref().is_some_and(|target| target.starts_with("Doc-tests "))
}

/// For a POSIX shell.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '.' | '/' | '-');
    if word.chars().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

fn counted(count: u64, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(name: &str, result: UnitResult) -> Outcome {
        Outcome { unit: Unit { name: name.to_owned(), kind: UnitKind::Application }, result }
    }

    fn tested(passed: u64, failures: Vec<FailedTest>) -> UnitResult {
        let counts = Counts { passed, failed: failures.len() as u64, ..Counts::default() };
        UnitResult::Tested(Report { counts, failures, ..Report::default() })
    }

    fn failed(target: &str, test: &str) -> FailedTest {
        let location = Some("apps/b/tests/b.rs:12".to_owned());
        FailedTest {
            test: Some(test.to_owned()),
            target: Some(target.to_owned()),
            location,
            cargo_args: None,
            topology: None,
        }
    }

    fn verdict(units: Vec<Outcome>) -> Verdict {
        Verdict::new(units, Duration::from_millis(900), false)
    }

    #[test]
    fn there_is_one_total() {
        let units = vec![
            unit("a", tested(5, vec![])),
            unit("b", tested(7, vec![failed("b::b", "counts")])),
            unit("c", tested(1, vec![])),
        ];
        let verdict = verdict(units);
        assert_eq!(verdict.summary(), "Summary [ 0.9s] 3 applications, 14 tests: 13 passed, 1 failed");
        assert_eq!(verdict.exit_code(), ExitCode::TestsFailed);
        let (line, rerun) = &verdict.failed_list()[0];
        assert_eq!(line, "   FAIL b counts  apps/b/tests/b.rs:12");
        assert_eq!(rerun, "umbrella test b -- --exact counts");
    }

    #[test]
    fn what_does_not_build_weighs_more_than_what_fails() {
        let verdict =
            verdict(vec![unit("b", tested(0, vec![failed("b::b", "x")])), unit("c", UnitResult::NotBuilt)]);
        assert_eq!(verdict.exit_code(), ExitCode::BuildFailed);
        assert_eq!(
            verdict.summary(),
            "Summary [ 0.9s] 2 applications, 1 test: 0 passed, 1 failed; 1 not built"
        );
        assert_eq!(verdict.failed_list()[1], ("  BUILD c".to_owned(), "umbrella test c".to_owned()));
    }

    #[test]
    fn where_nothing_was_built_no_line_stands_for_each() {
        let verdict =
            verdict("abcd".chars().map(|name| unit(&name.to_string(), UnitResult::NotBuilt)).collect());
        assert_eq!(
            verdict.failed_list(),
            [("  BUILD all of 4".to_owned(), "umbrella test --failed".to_owned())]
        );
    }

    #[test]
    fn no_test_is_fine_unless_a_filter_was_to_match_one() {
        let units = vec![unit("a", tested(0, vec![]))];
        assert_eq!(verdict(units.clone()).exit_code(), ExitCode::Done);
        assert_eq!(verdict(units.clone()).summary(), "Summary [ 0.9s] 1 application, 0 tests");
        assert_eq!(Verdict::new(units, Duration::ZERO, true).exit_code(), ExitCode::NothingMatched);
    }

    #[test]
    fn what_is_pasted_into_a_shell_means_the_same_there() {
        assert_eq!(
            rerun("b", &failed("Doc-tests b", "apps/b/src/lib.rs - sub (line 12)")),
            "umbrella test b -- apps/b/src/lib.rs"
        );
        assert_eq!(rerun("b", &failed("b::b", "case it's")), r"umbrella test b -- --exact 'case it'\''s'");
        let placed = FailedTest { topology: Some("[a]+[b]".into()), ..failed("apps/b/tests/b.rs", "x") };
        assert_eq!(rerun("b", &placed), "umbrella test b --group '[a]+[b]' -- --exact x");
        assert_eq!(failed_line("b", &placed), "   FAIL b x  apps/b/tests/b.rs:12  in [a]+[b]");
        assert_eq!(
            failed_line("b", &failed("apps/b/src/lib.rs", START_STOP)),
            "   FAIL b start/stop  apps/b/tests/b.rs:12"
        );
        let whole = FailedTest {
            test: None,
            target: None,
            location: None,
            cargo_args: Some("-p d --test abort".into()),
            topology: None,
        };
        assert_eq!(rerun("d", &whole), "cargo test -p d --test abort");
    }

    #[test]
    fn an_interrupted_run_says_what_came_of_it_and_what_was_ended() {
        let ended = InterruptedTest { test: Some("slow".into()), target: "apps/a/tests/a.rs".into() };
        let counts = Counts { passed: 1, not_run: 3, ..Counts::default() };
        let report = Report { counts, interrupted: vec![ended], ..Report::default() };
        let units = vec![unit("a", UnitResult::Tested(report)), unit("b", UnitResult::Interrupted)];
        let verdict = Verdict { interrupted: Some(ExitCode::Terminated), ..verdict(units) };
        assert_eq!(verdict.exit_code(), ExitCode::Terminated);
        let expected = "1 test: 1 passed, 0 failed, 1 interrupted, 3 not run; 1 not tested";
        assert!(verdict.summary().ends_with(expected), "{}", verdict.summary());
        let list = [("  ENDED a slow".to_owned(), "umbrella test a -- --exact slow".to_owned())];
        assert_eq!(verdict.failed_list(), list);
    }
}
