//! `umbrella restart [APP...]`.

use std::collections::BTreeMap;
use std::time::Duration;

use miette::Diagnostic;
use thiserror::Error;

use crate::cargo::Profile;
use crate::error::{CommandError, Failure};
use crate::exit::ExitCode;
use crate::plan::ReleaseContents;
use crate::plan::selection::select_applications;
use crate::run::control::Restarted;
use crate::run::fleet::Fleet;
use crate::run::place::{Env, Place};
use crate::run::program::Program;
use crate::run::status::NodeStatus;
use crate::session::Session;
use crate::workspace::{AppName, ReleaseName, Workspace};

use super::release_crates::write_release_crates;
use super::start::{build, code_of_node, not_run, seconds};
use super::stop::refused;

/// What `restart` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Without names every running node is built anew, stops its applications in reverse order, and goes on with the new
program in the same process: in the foreground if it was there. With names nothing is built: these applications are
stopped and started again, as units.

Exit codes: 0 restarted, 1 nothing runs, or somebody depends on it, 5 not ready in time, 101 the build failed")]
pub(super) struct Args {
    /// The applications to restart [default: all, with the nodes they run in]
    #[arg(value_name = "APP")]
    applications: Vec<String>,
    /// Restart who depends on them too
    #[arg(long, requires = "applications")]
    with_dependents: bool,
    /// Build with the release profile
    #[arg(long, conflicts_with = "applications")]
    release: bool,
    /// How long each node may take
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    timeout: Duration,
    /// The environment [default: UMBRELLA_ENV, else dev]
    #[arg(long, value_name = "ENV")]
    env: Option<Env>,
}

/// Why nothing was restarted.
#[derive(Debug, Error, Diagnostic)]
enum RestartError {
    #[error("nothing is running in {env}")]
    #[diagnostic(help("start it with `umbrella start`, or `umbrella start --detach`"))]
    NothingRuns { env: Env },
    #[error("`{application}` is in no running node")]
    #[diagnostic(help("start it with `umbrella start {application}`"))]
    NotInside { application: String },
    #[error("`{release}` runs and has no crate in this workspace any more")]
    #[diagnostic(help("stop it with `umbrella stop`"))]
    NoReleaseCrate { release: String },
}

impl Failure for RestartError {}

pub(super) fn run(args: &Args, session: &Session) -> Result<ExitCode, CommandError> {
    let place = Place::find(session, Env::choose(args.env, session)?)?;
    let fleet = Fleet::of(&place)?;
    if args.applications.iter().any(|name| !fleet.has(name)) {
        select_applications(&session.load_workspace()?, &args.applications)?;
    }
    if fleet.is_empty() {
        return Err(RestartError::NothingRuns { env: place.env }.into());
    }
    if args.applications.is_empty() {
        restart_nodes(args, session, &place, &fleet)
    } else {
        restart_some(args, session, &fleet)
    }
}

/// Builds first: what does not compile stops nothing.
fn restart_nodes(
    args: &Args,
    session: &Session,
    place: &Place,
    fleet: &Fleet,
) -> Result<ExitCode, CommandError> {
    let workspace = session.load_workspace()?;
    let releases = releases_that_run(&workspace, fleet)?;
    write_release_crates(session, &workspace, &releases)?;
    let profile = if args.release { Profile::Release } else { Profile::Dev };
    let programs = build(session, &workspace, place, &releases, profile)?;
    let runs = |program: &Program| fleet.nodes.iter().any(|node| node.name() == program.node.to_string());
    for program in programs.into_iter().filter(runs) {
        // It says itself what became of it.
        let status = program.restart(args.timeout).map_err(not_run(&program))?;
        if !status.success() {
            return Ok(code_of_node(status));
        }
    }
    Ok(ExitCode::Done)
}

/// One node of each release.
fn releases_of(fleet: &Fleet) -> impl Iterator<Item = &NodeStatus> {
    let nodes = fleet.nodes.iter().enumerate();
    nodes
        .filter(|(at, node)| fleet.nodes[..*at].iter().all(|before| before.release != node.release))
        .map(|(_, node)| node)
}

/// What the releases that run are to be made of, each once.
pub(super) fn releases_that_run(
    workspace: &Workspace,
    fleet: &Fleet,
) -> Result<Vec<ReleaseContents>, CommandError> {
    releases_of(fleet).map(|node| Ok(contents(workspace, node)?)).collect()
}

/// What a running node is to be made of: the release of all applications as they are now, any other as it is.
fn contents(workspace: &Workspace, node: &NodeStatus) -> Result<ReleaseContents, RestartError> {
    let instances: BTreeMap<ReleaseName, u32> = node
        .instances
        .iter()
        .map(|(release, &count)| (ReleaseName::existing(release.as_str()), count))
        .collect();
    let whole = ReleaseContents::whole(workspace);
    if whole.name.as_str() == node.release {
        return Ok(ReleaseContents { instances, ..whole });
    }
    let release = workspace.release(&node.release);
    let release = release.ok_or_else(|| RestartError::NoReleaseCrate { release: node.release.clone() })?;
    let mut contents = ReleaseContents {
        name: release.name.clone(),
        package: release.package.clone(),
        version: None,
        applications: Vec::new(),
        elsewhere: Vec::new(),
        instances,
    };
    for application in &node.applications {
        let name = AppName::of_package(application.name.as_str());
        match &application.release {
            Some(elsewhere) => contents.elsewhere.push((name, ReleaseName::existing(elsewhere.as_str()))),
            None => contents.applications.push(name),
        }
    }
    Ok(contents)
}

fn restart_some(args: &Args, session: &Session, fleet: &Fleet) -> Result<ExitCode, CommandError> {
    for node in 0..fleet.nodes.len() {
        let here = |name: &&String| fleet.lives_in(node, name);
        let applications: Vec<String> = args.applications.iter().filter(here).cloned().collect();
        if applications.is_empty() {
            continue;
        }
        let restarted = fleet.connect(node)?.restart(&applications, args.with_dependents, args.timeout);
        say(session, &restarted.map_err(|error| refused("restart", error))?);
    }
    match args.applications.iter().find(|name| !fleet.has(name)) {
        Some(application) => Err(RestartError::NotInside { application: application.clone() }.into()),
        None => Ok(ExitCode::Done),
    }
}

fn say(session: &Session, restarted: &Restarted) {
    let shell = &session.shell;
    restarted.stopped.iter().for_each(|name| shell.line(format_args!("{name} stopped")));
    if let Some((last, others)) = restarted.started.split_last() {
        others.iter().for_each(|name| shell.line(format_args!("{name} started")));
        shell.line(format_args!("{last} started ({} ms)", restarted.duration_ms));
    }
}
