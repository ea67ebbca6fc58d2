//! Running tests: building their programs, asking them what they have, running it; and what came of it.
//!
//! ```text
//!   programs ──▶ listing ──▶ (the command chooses) ──▶ engine ──▶ report ──▶ verdict
//!                                                 └──▶ doctests ──┘
//! ```

mod coverage;
mod doctests;
mod engine;
mod flags;
mod junit;
mod libtest;
mod listing;
mod nextest;
mod passthrough;
mod processes;
mod programs;
mod report;
mod surroundings;
mod verdict;

use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use nextest::Nextest;
use processes::Reach;
use report::Reader;

use super::{Cargo, select};
use crate::shell::Shell;

pub use coverage::CoverageError;
pub use doctests::{Doctests, Documented, may_have_doctests};
pub use engine::{Case, Engine, Ran, Unfinished};
pub use flags::BuildFlags;
pub use junit::junit;
pub use listing::{Listed, Listings};
pub use nextest::FilterError;
pub use passthrough::{Passthrough, Unsupported};
pub use processes::Processes;
pub use programs::{Program, Programs};
pub use report::{Counts, FailedTest, InterruptedTest, Report, Tested, location};
pub use verdict::{FEW, Outcome, START_STOP, UnitResult, Verdict, shown};

/// What runs the tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Runner {
    /// Umbrella itself, each test in a process of its own
    #[default]
    Umbrella,
    /// `cargo nextest run` for each unit
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

    /// Whether colours are seen there.
    #[must_use]
    pub fn has_colour(self, shell: &Shell) -> bool {
        match self {
            Self::Out => shell.out_has_colour(),
            Self::Err => shell.err_has_colour(),
        }
    }
}

impl Cargo {
    /// Whether `cargo nextest` is installed.
    #[must_use]
    pub fn has_nextest(&self) -> bool {
        self.has_subcommand("nextest")
    }

    /// Runs the tests of `package`, which are built, with nextest; shows its lines as they come.
    ///
    /// # Errors
    /// What the system says if cargo cannot be run.
    pub fn run_nextest(
        &self,
        shell: &Shell,
        processes: &Processes,
        to: Lines,
        root: &Path,
        package: &str,
        args: &[String],
    ) -> io::Result<Report> {
        let mut run = self.command_in(root);
        run.args(["nextest", "run"]).args(select([package])).args(["--no-fail-fast", "--no-tests=pass"]);
        run.args(["--final-status-level", "fail", "--color"]);
        run.arg(if to.has_colour(shell) { "always" } else { "never" }).args(args);
        show(shell, processes, to, run, Box::new(Nextest::default()))
    }
}

/// Runs `command`, output and errors through one pipe so that they stay in order.
fn show(
    shell: &Shell,
    processes: &Processes,
    to: Lines,
    mut command: Command,
    mut reader: Box<dyn Reader>,
) -> io::Result<Report> {
    let (output, input) = io::pipe()?;
    command.env("UMBRELLA_ENV", "test").stdin(Stdio::null()).stdout(input.try_clone()?).stderr(input);
    let running = processes.spawn(&mut command, Reach::Alone)?;
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
    Ok(explained(reader.finish(), running.end()?))
}

/// `    Finished `test` profile [unoptimized + debuginfo] target(s) in 0.02s`: cargo has built, what follows is the tests.
fn is_end_of_build(line: &str) -> bool {
    anstream::adapter::strip_str(line).to_string().starts_with("    Finished `")
}

/// A runner that fails without naming a test has failed as a whole: that must not pass for success.
fn explained(mut report: Report, status: ExitStatus) -> Report {
    if !status.success() && report.failures.is_empty() {
        report.fail_as_a_whole(None, None);
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
