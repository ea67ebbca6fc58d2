//! Running the tests of one package, with nextest or without, and what came of it.

mod libtest;
mod nextest;
mod passthrough;
mod report;
mod verdict;

use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use libtest::Libtest;
use nextest::Nextest;
use report::Reader;

use super::Cargo;
use crate::shell::Shell;

pub use passthrough::{Passthrough, Unsupported};
pub use report::{Counts, FailedTest, Report};
pub use verdict::{Outcome, UnitResult, Verdict};

/// What runs the test binaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Runner {
    /// `cargo test`.
    Cargo,
    /// `cargo nextest run`, then `cargo test --doc`.
    Nextest,
}

/// Where the lines of the tests go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    /// To stdout: they are what was asked for.
    Out,
    /// To stderr: stdout is for a machine.
    Err,
}

impl Lines {
    /// Writes one line there.
    pub fn write(self, shell: &Shell, line: &str) {
        match self {
            Self::Out => shell.line(line),
            Self::Err => shell.error_text(&format!("{line}\n")),
        }
    }
}

/// One package to test.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The root of the workspace.
    pub root: &'a Path,
    /// The package.
    pub package: &'a str,
    /// Whether its library has documentation tests enabled.
    pub doctests: bool,
}

impl Cargo {
    /// Whether `cargo nextest` is installed.
    #[must_use]
    pub fn has_nextest(&self) -> bool {
        self.has_subcommand("nextest")
    }

    /// Runs the tests of `subject`, which are built, and its documentation tests; shows their lines as they come.
    ///
    /// # Errors
    /// What the system says if cargo cannot be run.
    pub fn run_tests(
        &self,
        shell: &Shell,
        to: Lines,
        subject: Subject<'_>,
        runner: Runner,
        args: &Passthrough,
    ) -> io::Result<Report> {
        let colour = match to {
            Lines::Out => shell.out_has_colour(),
            Lines::Err => shell.err_has_colour(),
        };
        let command = |words: &[&str]| {
            let mut command = self.command_in(subject.root);
            command.args(words).args([
                "-p",
                subject.package,
                "--color",
                if colour { "always" } else { "never" },
            ]);
            command
        };
        match runner {
            Runner::Cargo => {
                let mut test = command(&["test", "--no-fail-fast"]);
                test.arg("--").args(args.for_libtest(colour));
                show(shell, to, test, Box::new(Libtest::default()))
            }
            Runner::Nextest => {
                let mut run = command(&["nextest", "run", "--no-fail-fast", "--no-tests=pass"]);
                run.args(["--final-status-level", "fail"]).args(args.for_nextest());
                let mut report = show(shell, to, run, Box::new(Nextest::default()))?;
                if subject.doctests {
                    let mut doc = command(&["test", "--doc", "--no-fail-fast"]);
                    doc.arg("--").args(args.for_libtest(colour));
                    report.merge(show(shell, to, doc, Box::new(Libtest::default()))?);
                }
                Ok(report)
            }
        }
    }
}

/// Runs `command`, output and errors through one pipe so that they stay in order.
fn show(shell: &Shell, to: Lines, mut command: Command, mut reader: Box<dyn Reader>) -> io::Result<Report> {
    let (output, input) = io::pipe()?;
    command.env("UMBRELLA_ENV", "test").stdin(Stdio::null()).stdout(input.try_clone()?).stderr(input);
    let mut child = command.spawn()?;
    // It holds the writing end: as long as it lives here, the pipe has no end.
    drop(command);
    let mut tell = |line: &str| {
        let mut shown = Vec::new();
        reader.line(line, &mut shown);
        shown.iter().for_each(|line| to.write(shell, line));
    };
    // What cargo repeats of the build, warnings included, was shown when it was built.
    let mut repeated = Some(Vec::new());
    for line in BufReader::new(output).split(b'\n') {
        let line = String::from_utf8_lossy(&line?).trim_end_matches('\r').to_owned();
        match &mut repeated {
            Some(_) if is_end_of_build(&line) => repeated = None,
            Some(lines) => lines.push(line),
            None => tell(&line),
        }
    }
    repeated.unwrap_or_default().iter().for_each(|line| tell(line));
    Ok(explained(reader.finish(), child.wait()?))
}

/// `    Finished `test` profile [unoptimized + debuginfo] target(s) in 0.02s`: cargo has built, what follows is the tests.
fn is_end_of_build(line: &str) -> bool {
    anstream::adapter::strip_str(line).to_string().starts_with("    Finished `")
}

/// A runner that fails without naming a test has failed as a whole: that must not pass for success.
fn explained(mut report: Report, status: ExitStatus) -> Report {
    if !status.success() && report.failures.is_empty() {
        report.counts.failed += 1;
        report.failures.push(FailedTest { test: None, target: None, location: None, cargo_args: None });
    }
    report
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt as _;

    #[test]
    fn a_runner_that_fails_without_naming_a_test_is_a_failure() {
        let report = explained(Report::default(), ExitStatus::from_raw(104 << 8));
        assert_eq!((report.counts.failed, report.failures.len()), (1, 1));
        assert_eq!(explained(Report::default(), ExitStatus::from_raw(0)), Report::default());
    }
}
