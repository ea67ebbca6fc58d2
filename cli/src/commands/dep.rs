//! `umbrella dep add APP ON...`.

use miette::Diagnostic;
use thiserror::Error;

use super::carry_out::carry_out;
use crate::emit::RootLock;
use crate::error::{CommandError, Failure};
use crate::exit::ExitCode;
use crate::graph::{Graph, forbidden, paths};
use crate::plan::add_dependency;
use crate::plan::selection::UnknownApplication;
use crate::session::Session;
use crate::workspace::{DependencyKind, Member, MemberRole, Sources, Workspace};

/// What `dep` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Have an application depend on others of this umbrella
    Add(AddArgs),
}

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  umbrella dep add a c           a depends on c: it is started after c, and may call it
  umbrella dep add a b c         on both
  umbrella dep add a c --dry-run

A circle is refused, with the way along which it would close, and so is what the rules forbid.
For crates from elsewhere there is `cargo add`.")]
struct AddArgs {
    /// The application or crate that depends
    #[arg(value_name = "APP")]
    from: String,
    /// What it depends on
    #[arg(value_name = "APP", required = true)]
    on: Vec<String>,
    /// Say what would be changed, and change nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Error, Diagnostic)]
enum DependError {
    #[error("`{name}` cannot depend on itself")]
    OnItself { name: String },
    #[error("`{from}` cannot depend on `{on}`, which depends on it: {}", circle.join(" -> "))]
    #[diagnostic(help(
        "an application starts after those it depends on; move what both need into one below them"
    ))]
    Circle { from: String, on: String, circle: Vec<String> },
    #[error("`{from}` may not depend on `{on}`: {why}")]
    #[diagnostic(help("the rules are in [workspace.metadata.umbrella.rules] of Cargo.toml"))]
    Forbidden { from: String, on: String, why: String },
}

impl Failure for DependError {}

pub(super) fn run(args: &Args, session: &Session) -> Result<ExitCode, CommandError> {
    match &args.what {
        What::Add(args) => add(args, session),
    }
}

fn add(args: &AddArgs, session: &Session) -> Result<ExitCode, CommandError> {
    let root = session.load_workspace()?.root;
    // From here to the last rename nobody else changes this umbrella.
    let _lock = RootLock::of(&root);
    let workspace = session.load_workspace()?;
    let from = member(&workspace, &args.from)?;
    let known = from.members_below(&[DependencyKind::Normal]);
    let mut on: Vec<&Member> = Vec::new();
    for name in &args.on {
        let below = member(&workspace, name)?;
        check(&workspace, from, below)?;
        if known.contains(name.as_str()) {
            session.shell.line(format_args!("`{}` already depends on `{name}`", from.name));
        } else if !on.contains(&below) {
            on.push(below);
        }
    }
    if on.is_empty() {
        return Ok(ExitCode::Done);
    }
    let sources =
        Sources::read(&workspace)?.with([from.path.join("Cargo.toml"), from.path.join("src/lib.rs")])?;
    carry_out(&add_dependency(&workspace, &sources, from, &on)?, args.dry_run, session)?;
    if !args.dry_run {
        session
            .shell
            .say(format_args!("\n    umbrella graph {}\n    umbrella test {}", from.name, from.name));
    }
    Ok(ExitCode::Done)
}

fn member<'a>(workspace: &'a Workspace, name: &str) -> Result<&'a Member, UnknownApplication> {
    let shown = || workspace.members.iter().filter(|member| member.role != MemberRole::Release);
    let found = shown().find(|member| member.name == name);
    found.ok_or_else(|| UnknownApplication::new(name, shown().map(|member| member.name.as_str())))
}

fn check(workspace: &Workspace, from: &Member, on: &Member) -> Result<(), DependError> {
    let (from, on) = (from.name.clone(), on.name.clone());
    if from == on {
        return Err(DependError::OnItself { name: from });
    }
    let graph = Graph::of(workspace, &[], None).built();
    if let Some(way) = paths(&graph, &on, &from).shown.into_iter().next() {
        return Err(DependError::Circle { circle: [vec![from.clone()], way].concat(), from, on });
    }
    match forbidden(&workspace.rules, &from, &on) {
        Some(why) => Err(DependError::Forbidden { from, on, why }),
        None => Ok(()),
    }
}
