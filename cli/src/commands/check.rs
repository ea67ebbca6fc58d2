//! `umbrella check [APP...]`.

use std::io;
use std::time::Instant;

use miette::Diagnostic;
use serde_json::{Value, json};
use thiserror::Error;

use crate::cargo::Lint;
use crate::error::{CommandError, Failure};
use crate::exit::ExitCode;
use crate::graph::{Judgement, judge};
use crate::plan::test::plan_test;
use crate::session::Session;
use crate::shell::style;
use crate::workspace::Workspace;

/// What `check` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  umbrella check             the rules between applications, formatting, lints, and cargo-deny where it is set up
  umbrella check b           formatting and lints of b only; the rules always hold for all
  umbrella check --rules     the rules only: nothing is built

The rules stand in Cargo.toml:

  [workspace.metadata.umbrella.rules]
  layers = [[\"web\"], [\"billing\", \"catalog\"], [\"db_*\"]]    # from the top; who is named may depend downwards
  allow.web = [\"billing\", \"catalog\"]                      # and on nobody else
  deny.billing = [\"catalog\"]
  except = [\"billing -> catalog\"]                         # still to be mended

Every check runs, whatever the one before it found.

Exit codes: 0 nothing is wrong, 1 something is")]
pub(super) struct Args {
    /// The applications and crates to format-check and lint [default: all]
    #[arg(value_name = "APP")]
    names: Vec<String>,
    /// Look at the rules between applications only
    #[arg(long)]
    rules: bool,
    /// Print what was found as JSON on stdout, and the rest on stderr
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Error, Diagnostic)]
#[error("could not run cargo")]
struct NotRun(#[source] io::Error);

impl Failure for NotRun {}

/// How one check ended.
struct Step {
    name: &'static str,
    outcome: Outcome,
}

enum Outcome {
    Passed,
    Failed,
    /// With what is missing.
    Skipped(&'static str),
}

pub(super) fn run(args: &Args, session: &Session) -> Result<ExitCode, CommandError> {
    let began = Instant::now();
    let workspace = session.load_workspace()?;
    let packages: Vec<String> = match args.names.as_slice() {
        [] => Vec::new(),
        names => plan_test(&workspace, names, &workspace.root)?.into_iter().map(|unit| unit.name).collect(),
    };
    let judgement = judge(&workspace);
    if !args.json {
        report(session, &judgement);
    }
    let passed = |passed| if passed { Outcome::Passed } else { Outcome::Failed };
    let rules =
        if workspace.rules.is_empty() { Outcome::Skipped("no rules") } else { passed(judgement.is_clean()) };
    let mut steps = vec![Step { name: "rules", outcome: rules }];
    if !args.rules {
        let _listening = session.interrupt.listen();
        for (name, lint) in [("fmt", Lint::Format), ("clippy", Lint::Clippy), ("deny", Lint::Deny)] {
            if session.interrupt.is_raised() {
                return Ok(ExitCode::Interrupted);
            }
            let outcome = match missing(session, &workspace, lint) {
                Some(missing) => Outcome::Skipped(missing),
                None => {
                    session.shell.progress(format_args!("    Checking {name}"));
                    let status = session.cargo.lint(&session.shell, &workspace.root, lint, &packages);
                    passed(status.map_err(NotRun)?.success())
                }
            };
            steps.push(Step { name, outcome });
        }
    }
    if args.json {
        session.shell.json(&as_json(&steps, &judgement));
    } else {
        summary(session, &steps, began);
    }
    let failed = steps.iter().any(|step| matches!(step.outcome, Outcome::Failed));
    Ok(if failed { ExitCode::Failed } else { ExitCode::Done })
}

/// Why a check cannot be made here.
fn missing(session: &Session, workspace: &Workspace, lint: Lint) -> Option<&'static str> {
    match lint {
        // Cargo itself refuses to look at a workspace without members.
        Lint::Format | Lint::Clippy | Lint::Deny if workspace.members.is_empty() => {
            Some("no application yet")
        }
        Lint::Format => (!session.cargo.has_subcommand("fmt")).then_some("rustfmt is not installed"),
        Lint::Clippy => (!session.cargo.has_subcommand("clippy")).then_some("clippy is not installed"),
        Lint::Deny if !workspace.root.join("deny.toml").is_file() => Some("no deny.toml"),
        Lint::Deny => (!session.cargo.has_subcommand("deny")).then_some("cargo-deny is not installed"),
    }
}

fn report(session: &Session, judgement: &Judgement) {
    let shell = &session.shell;
    let red = style::ERROR;
    for found in &judgement.violations {
        let (from, to, why, manifest) = (&found.from, &found.to, &found.why, &found.manifest);
        shell.line(format_args!("{red}rule{red:#}: `{from}` may not depend on `{to}`: {why}  {manifest}"));
    }
    for misrule in &judgement.misrules {
        shell.line(format_args!("{red}rule{red:#}: {misrule}  Cargo.toml"));
    }
}

fn summary(session: &Session, steps: &[Step], began: Instant) {
    let said = |step: &Step| match step.outcome {
        Outcome::Passed => format!("{} passed", step.name),
        Outcome::Failed => format!("{} FAILED", step.name),
        Outcome::Skipped(why) => format!("{} skipped ({why})", step.name),
    };
    let failed = steps.iter().any(|step| matches!(step.outcome, Outcome::Failed));
    let style = if failed { style::ERROR } else { style::GOOD };
    let said: Vec<String> = steps.iter().map(said).collect();
    let seconds = began.elapsed().as_secs_f64();
    session.shell.line(format_args!("{style}Summary [{seconds:>4.1}s] {}{style:#}", said.join(", ")));
}

fn as_json(steps: &[Step], judgement: &Judgement) -> Value {
    let step = |step: &Step| match step.outcome {
        Outcome::Passed => json!({ "name": step.name, "outcome": "passed" }),
        Outcome::Failed => json!({ "name": step.name, "outcome": "failed" }),
        Outcome::Skipped(why) => json!({ "name": step.name, "outcome": "skipped", "why": why }),
    };
    json!({
        "version": 1,
        "checks": steps.iter().map(step).collect::<Vec<_>>(),
        "violations": judgement.violations,
        "misrules": judgement.misrules,
    })
}
