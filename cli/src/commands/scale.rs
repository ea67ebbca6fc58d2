//! `umbrella scale RELEASE=COUNT`.

use std::time::Duration;

use miette::Diagnostic;
use thiserror::Error;

use crate::cargo::Profile;
use crate::deployment::Scale;
use crate::error::{CommandError, Failure};
use crate::exit::ExitCode;
use crate::plan::ReleaseContents;
use crate::plan::scale::{ScalePlan, plan_scale};
use crate::run::fleet::Fleet;
use crate::run::place::{Env, Place};
use crate::run::program::Program;
use crate::run::stop::stop_node;
use crate::session::Session;
use crate::workspace::{ReleaseName, did_you_mean};

use super::release_crates::write_release_crates;
use super::restart::releases_that_run;
use super::start::{build, code_of_node, not_run, seconds};

/// What `scale` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Nodes that are to come are built and started in the background; then all others are told of them, without being
restarted. Nodes that are to go are told of first, so that nobody calls them any more, and then stopped.
From one node to several, and back, the node gets another name (c, c-1), so it is replaced.

Examples:
  umbrella start --group '[a,b]+[c]*2' --detach
  umbrella scale c=3            one more
  umbrella scale c=1 --dry-run  what would be done

Exit codes: 0 as many as asked for, 1 a node did not come up, 2 no such release, 3 nothing runs, 101 the build failed")]
pub(super) struct Args {
    /// The release, and in how many nodes it is to run
    #[arg(value_name = "RELEASE=COUNT")]
    scale: Scale,
    /// Print what would be done
    #[arg(long)]
    dry_run: bool,
    /// Build with the release profile
    #[arg(long)]
    release: bool,
    /// How long each node may take to come, or to go
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    timeout: Duration,
    /// The environment [default: UMBRELLA_ENV, else dev]
    #[arg(long, value_name = "ENV")]
    env: Option<Env>,
}

/// Why nothing was scaled.
#[derive(Debug, Error, Diagnostic)]
enum ScaleError {
    #[error("nothing is running in {env}")]
    #[diagnostic(help("start it with `umbrella start --group '[a,b]+[c]*2' --detach`"))]
    NothingRuns { env: Env },
    #[error("no node of a release `{release}` is running")]
    NotRunning {
        release: String,
        #[help]
        help: String,
    },
}

impl Failure for ScaleError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::NothingRuns { .. } => ExitCode::NotRunning,
            Self::NotRunning { .. } => ExitCode::Usage,
        }
    }
}

pub(super) fn run(args: &Args, session: &Session) -> Result<ExitCode, CommandError> {
    let place = Place::find(session, Env::choose(args.env, session)?)?;
    let fleet = Fleet::of(&place)?;
    let Scale { release, instances } = &args.scale;
    check(&fleet, &place, release)?;
    let plan = plan_scale(&fleet.nodes, release, *instances);
    if plan.start.is_empty() && plan.stop.is_empty() {
        session.shell.line(format_args!("{release} runs in {} already", nodes(*instances)));
        return Ok(ExitCode::Done);
    }
    if args.dry_run {
        say(session, &plan);
        return Ok(ExitCode::Done);
    }
    let programs = programs(args, session, &place, &fleet, &plan)?;
    // Who takes the place of another can come only when that is gone.
    if plan.renames {
        session.shell.note(format_args!(
            "{} gets another name, so it is replaced: calls to it fail meanwhile",
            plan.stop.join(", ")
        ));
        stop(args, session, &place, &plan)?;
    }
    for program in &programs {
        // It says itself what became of it.
        let status = program.daemon(&[], args.timeout).map_err(not_run(program))?;
        if !status.success() {
            return Ok(code_of_node(status));
        }
    }
    tell(session, &fleet, &plan, release, *instances)?;
    if !plan.renames {
        stop(args, session, &place, &plan)?;
    }
    session.shell.line(format_args!("{release} runs in {}", nodes(*instances)));
    Ok(ExitCode::Done)
}

fn check(fleet: &Fleet, place: &Place, release: &str) -> Result<(), ScaleError> {
    if fleet.is_empty() {
        return Err(ScaleError::NothingRuns { env: place.env });
    }
    let mut running: Vec<&str> = fleet.nodes.iter().map(|node| node.release.as_str()).collect();
    running.dedup();
    if running.contains(&release) {
        return Ok(());
    }
    let near = did_you_mean(release, running.iter().copied());
    let near = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
    let help = format!("{near}releases that run: {}", running.join(", "));
    Err(ScaleError::NotRunning { release: release.to_owned(), help })
}

/// The programs of the nodes that are to come. The crates of all releases say how many there are, for the next start.
fn programs(
    args: &Args,
    session: &Session,
    place: &Place,
    fleet: &Fleet,
    plan: &ScalePlan,
) -> Result<Vec<Program>, CommandError> {
    let Scale { release, instances } = &args.scale;
    let workspace = session.load_workspace()?;
    let mut releases = releases_that_run(&workspace, fleet)?;
    for contents in &mut releases {
        let name = ReleaseName::existing(release.as_str());
        match instances {
            0 | 1 => contents.instances.remove(&name),
            count => contents.instances.insert(name, *count),
        };
    }
    write_release_crates(session, &workspace, &releases)?;
    let own: Vec<ReleaseContents> =
        releases.into_iter().filter(|contents| contents.name.as_str() == release).collect();
    if plan.start.is_empty() {
        return Ok(Vec::new());
    }
    let profile = if args.release { Profile::Release } else { Profile::Dev };
    let mut programs = build(session, &workspace, place, &own, profile)?;
    programs.retain(|program| plan.start.contains(&program.node.to_string()));
    Ok(programs)
}

/// Has the nodes that go on know how many there are from now on.
fn tell(
    session: &Session,
    fleet: &Fleet,
    plan: &ScalePlan,
    release: &str,
    instances: u32,
) -> Result<(), CommandError> {
    for at in 0..fleet.nodes.len() {
        let name = fleet.nodes[at].name();
        if plan.tell.iter().any(|told| told == name) {
            fleet.connect(at)?.scale(release, instances)?;
            session.shell.verbose(format_args!("{name} knows that {release} runs in {}", nodes(instances)));
        }
    }
    Ok(())
}

fn stop(args: &Args, session: &Session, place: &Place, plan: &ScalePlan) -> Result<(), CommandError> {
    for name in &plan.stop {
        if let Some(record) = place.dir.record(name)? {
            stop_node(&place.dir, &record, args.timeout)?;
            session.shell.line(format_args!("{name} stopped"));
        }
    }
    Ok(())
}

fn say(session: &Session, plan: &ScalePlan) {
    let shell = &session.shell;
    let told = |list: &[String]| list.join(", ");
    if plan.renames {
        shell.star("would stop", told(&plan.stop));
    }
    if !plan.start.is_empty() {
        shell.star("would start", told(&plan.start));
    }
    if !plan.tell.is_empty() {
        shell.star("would tell", told(&plan.tell));
    }
    if !plan.renames && !plan.stop.is_empty() {
        shell.star("would stop", told(&plan.stop));
    }
}

fn nodes(count: u32) -> String {
    if count == 1 { "1 node".to_owned() } else { format!("{count} nodes") }
}
