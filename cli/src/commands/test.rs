//! `umbrella test [APP...] [-- ARGS]`.

use std::io;
use std::time::Instant;

use miette::Diagnostic;
use thiserror::Error;

use crate::cargo::{BuildError, Lines, Outcome, Passthrough, Runner, Subject, UnitResult, Verdict};
use crate::error::{CommandError, Failure};
use crate::exit::ExitCode;
use crate::plan::test::{Unit, plan_test};
use crate::session::Session;
use crate::shell::style;
use crate::workspace::Workspace;

/// What `test` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  umbrella test                      every application, each as a unit
  umbrella test b                    only b, wherever you are in the umbrella
  cd apps/b && umbrella test         the same
  umbrella test b -- counts          the tests of b with `counts` in their name
  umbrella test -- --nocapture       show what the tests print

An application that does not build, or whose tests fail, keeps no other from being tested.

Exit codes: 0 passed, 4 the filter matched no test, 100 tests failed, 101 something did not build")]
pub(super) struct Args {
    /// The applications to test [default: that of this folder, else all]
    #[arg(value_name = "APP")]
    applications: Vec<String>,
    /// What runs the tests [default: nextest if it is installed and can do what is asked, else cargo]
    #[arg(long, value_name = "RUNNER")]
    runner: Option<Runner>,
    /// Print the verdict as JSON on stdout, and the rest on stderr
    #[arg(long)]
    json: bool,
    /// Arguments for the test binaries: a part of a test's name, --exact, --skip, --ignored, --nocapture
    #[arg(last = true, value_name = "ARGS")]
    args: Vec<String>,
}

/// Why nothing was tested, or why what was tested does not count.
#[derive(Debug, Error, Diagnostic)]
enum TestError {
    #[error("cargo-nextest is not installed")]
    #[diagnostic(help(
        "install it with `cargo install cargo-nextest --locked`, or leave `--runner nextest` out"
    ))]
    NoNextest,
    #[error("{0}")]
    #[diagnostic(help("leave `--runner nextest` out, or run them with `--runner cargo`"))]
    Unsupported(#[from] crate::cargo::Unsupported),
    #[error("no test matches `{filter}`")]
    #[diagnostic(help("`umbrella test -- --list` prints the names of all tests"))]
    NothingMatched { filter: String },
    #[error("could not run cargo")]
    NotRun(#[source] io::Error),
}

impl Failure for TestError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::NoNextest | Self::NotRun(_) => ExitCode::Failed,
            Self::Unsupported(_) => ExitCode::Usage,
            Self::NothingMatched { .. } => ExitCode::NothingMatched,
        }
    }
}

pub(super) fn run(args: Args, session: &Session) -> Result<ExitCode, CommandError> {
    let began = Instant::now();
    let workspace = session.load_workspace()?;
    let units = plan_test(&workspace, &args.applications, session.start_dir())?;
    if units.is_empty() {
        session.shell.say("no application to test");
        session.shell.help("make one with `umbrella new <name> --sup`");
        return Ok(ExitCode::Done);
    }
    let filter = args.args.join(" ");
    let passthrough = Passthrough::new(args.args);
    let runner = choose(session, args.runner, &passthrough)?;
    let run = Run {
        session,
        workspace: &workspace,
        runner,
        passthrough: &passthrough,
        to: if args.json { Lines::Err } else { Lines::Out },
    };
    // Ctrl-C reaches cargo and the tests too, as they share our terminal: we live on to say how far they came.
    let _listening = session.interrupt.listen();
    let outcomes = units.into_iter().map(|unit| run.unit(unit)).collect::<Result<_, _>>()?;
    let verdict = Verdict::new(outcomes, began.elapsed(), passthrough.filters());
    if args.json {
        session.shell.json(&verdict);
    } else if !passthrough.lists() {
        print(session, &verdict);
    }
    let code = verdict.exit_code();
    if code == ExitCode::NothingMatched {
        return Err(TestError::NothingMatched { filter }.into());
    }
    Ok(code)
}

fn choose(session: &Session, asked: Option<Runner>, args: &Passthrough) -> Result<Runner, TestError> {
    match asked {
        Some(Runner::Nextest) => {
            args.check_nextest()?;
            if session.cargo.has_nextest() { Ok(Runner::Nextest) } else { Err(TestError::NoNextest) }
        }
        Some(Runner::Cargo) => Ok(Runner::Cargo),
        None if args.check_nextest().is_ok() && session.cargo.has_nextest() => Ok(Runner::Nextest),
        None => Ok(Runner::Cargo),
    }
}

struct Run<'a> {
    session: &'a Session,
    workspace: &'a Workspace,
    runner: Runner,
    passthrough: &'a Passthrough,
    to: Lines,
}

impl Run<'_> {
    fn unit(&self, unit: Unit) -> Result<Outcome, TestError> {
        let result = if self.is_interrupted() { UnitResult::Interrupted } else { self.test(&unit.name)? };
        let result = if self.is_interrupted() { UnitResult::Interrupted } else { result };
        Ok(Outcome { unit, result })
    }

    fn test(&self, package: &str) -> Result<UnitResult, TestError> {
        let Session { shell, cargo, .. } = self.session;
        let bold = style::STRONG;
        self.to.write(shell, &format!("{bold}==> {package}{bold:#}"));
        let root = &self.workspace.root;
        let built = match cargo.build_tests(shell, root, package) {
            Ok(built) => built,
            Err(BuildError::NotRun(source)) => return Err(TestError::NotRun(source)),
            Err(_said_by_cargo) => return Ok(UnitResult::NotBuilt),
        };
        let subject = Subject { root, package, doctests: built.has_doctests(package) };
        let report = cargo.run_tests(shell, self.to, subject, self.runner, self.passthrough);
        report.map(UnitResult::Tested).map_err(TestError::NotRun)
    }

    fn is_interrupted(&self) -> bool {
        self.session.interrupt.is_raised()
    }
}

fn print(session: &Session, verdict: &Verdict) {
    let shell = &session.shell;
    let style = if verdict.exit_code() == ExitCode::Done { style::GOOD } else { style::ERROR };
    shell.line("");
    shell.line(format_args!("{style}{}{style:#}", verdict.summary()));
    let red = style::ERROR;
    for (what, rerun) in verdict.failed_list() {
        shell.line(format_args!("{red}{what}{red:#}"));
        shell.line(format_args!("        {rerun}"));
    }
}
