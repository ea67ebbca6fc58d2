//! `umbrella start [APP...]`.

mod watch;

use std::io;
use std::time::Duration;

use miette::Diagnostic;
use thiserror::Error;

use crate::cargo::{BuildError, Profile};
use crate::deployment::Scale;
use crate::error::{CommandError, Failure};
use crate::exit::ExitCode;
use crate::plan::ReleaseContents;
use crate::plan::selection::select_applications;
use crate::plan::start::{StartStep, Wanted, boot_order, plan_start};
use crate::run::clock::readable;
use crate::run::fleet::Fleet;
use crate::run::group::run_group;
use crate::run::place::{Env, Place};
use crate::run::program::Program;
use crate::run::stop::stop_node;
use crate::session::Session;
use crate::workspace::{NodeName, Workspace};

use super::group::resolve_group;
use super::release_crates::write_release_crates;

/// What `start` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  umbrella start                      every application in one node; Ctrl-C stops them in reverse order
  umbrella start --detach             the same in the background; returns when it is ready
  umbrella start b                    b and what it needs, in the running node if there is one
  umbrella start --group '[a,b]+[c]'  one process per bracket, on this machine
  umbrella start --group '[a,b]+[c]*3'  the same, with three processes for c: `--scale c=3`
  umbrella start --watch              and again whenever a source changes

The nodes of a group start one after another, each when those it needs are ready. When one dies the others keep running,
and the same command starts it again.

With --watch, what changes is built, and the nodes whose program is another one then are restarted; the others run on. With
one node that is always that one. What does not build is shown, and what runs goes on as it was. A change in config/ is
told to the nodes, which restarts none.

Exit codes: 0 started, or already running, 1 failed to start, 5 not ready in time, 101 the build failed")]
pub(super) struct Args {
    /// The applications to start, with what they need [default: all]
    #[arg(value_name = "APP")]
    applications: Vec<String>,
    /// Run in the background; return when everything is ready
    #[arg(short, long)]
    detach: bool,
    /// Build again whenever a source changes, and restart the nodes whose program is another one then
    #[arg(short, long, conflicts_with = "detach")]
    watch: bool,
    /// Run the releases of a placement expression, or of a saved deployment, as one process each
    #[arg(long, value_name = "EXPRESSION", conflicts_with = "applications")]
    group: Option<String>,
    /// Run a release of the placement in several nodes, as `*3` in the expression does
    #[arg(long, value_name = "RELEASE=COUNT", requires = "group")]
    scale: Vec<Scale>,
    /// Build with the release profile
    #[arg(long)]
    release: bool,
    /// How long each node may take to become ready
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    timeout: Duration,
    /// The environment [default: UMBRELLA_ENV, else dev]
    #[arg(long, value_name = "ENV")]
    env: Option<Env>,
}

/// Why what was built did not run.
#[derive(Debug, Error, Diagnostic)]
pub(super) enum StartError {
    #[error("could not run {program}")]
    NotRun {
        program: String,
        #[source]
        source: io::Error,
    },
    #[error("`--watch` starts what it watches, and that runs already")]
    #[diagnostic(help("stop it first: `umbrella stop`"))]
    RunsAlready,
}

impl Failure for StartError {}

/// A number of seconds, for clap.
pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.ok_or_else(|| "not a number of seconds".to_owned())
}

pub(super) fn run(args: &Args, session: &Session) -> Result<ExitCode, CommandError> {
    let env = Env::choose(args.env, session)?;
    let workspace = session.load_workspace()?;
    let place = Place::of(session, &workspace.root, env);
    let names = select_applications(&workspace, &args.applications)?;
    let releases = releases(session, &workspace, args)?;
    let wanted: Vec<Wanted> = releases.iter().map(Wanted::from).collect();
    let fleet = Fleet::of(&place)?;
    let plan = plan_start(&fleet.nodes, &wanted, &names, args.group.is_some())?;
    if args.watch && !plan.ask.is_empty() {
        return Err(StartError::RunsAlready.into());
    }
    if !plan.ask.is_empty() || plan.boot.is_empty() {
        ask(session, &fleet, &plan.ask, &names, args.timeout)?;
    }
    if plan.boot.is_empty() {
        return Ok(ExitCode::Done);
    }
    let boots = |node: &NodeName| plan.boot.contains(&node.to_string());
    let order = boot_order(&workspace, &wanted).into_iter().map(|index| releases[index].clone());
    let order: Vec<ReleaseContents> = order.filter(|release| release.nodes().iter().any(boots)).collect();
    write_release_crates(session, &workspace, &order)?;
    let mut programs = build(session, &workspace, &place, &order, profile(args.release))?;
    programs.retain(|program| boots(&program.node));
    if args.watch {
        let as_now = |workspace: &Workspace| self::releases(session, workspace, args);
        let watched = watch::Watched {
            session,
            place: &place,
            programs: &programs,
            names: &names,
            timeout: args.timeout,
            profile: profile(args.release),
            releases: &as_now,
        };
        return watch::run(&watched, &workspace);
    }
    boot(session, &place, &programs, &names, args)
}

fn profile(release: bool) -> Profile {
    if release { Profile::Release } else { Profile::Dev }
}

/// The releases asked for: those of the expression, else the one with every application.
fn releases(
    session: &Session,
    workspace: &Workspace,
    args: &Args,
) -> Result<Vec<ReleaseContents>, CommandError> {
    let Some(group) = args.group.as_deref() else { return Ok(vec![ReleaseContents::whole(workspace)]) };
    let resolved = resolve_group(workspace, group, &args.scale)?;
    resolved.notes.iter().for_each(|note| session.shell.note(note));
    Ok(resolved.releases.into_iter().map(ReleaseContents::from).collect())
}

/// Asks running nodes; says what that changed, or that it changed nothing.
fn ask(
    session: &Session,
    fleet: &Fleet,
    steps: &[StartStep],
    names: &[String],
    timeout: Duration,
) -> Result<(), CommandError> {
    let shell = &session.shell;
    let mut anything = false;
    for step in steps {
        let started = fleet.connect(step.node)?.start(&step.applications, timeout)?;
        if let Some((last, others)) = started.started.split_last() {
            anything = true;
            others.iter().for_each(|name| shell.line(format_args!("{name} started")));
            shell.line(format_args!("{last} started ({} ms)", started.duration_ms));
        }
        let node = &fleet.nodes[step.node];
        for name in names.iter().filter(|name| started.already.contains(name)) {
            let application = node.applications.iter().find(|application| application.name == **name);
            let up = application.and_then(|application| application.uptime_ms).unwrap_or(node.uptime_ms);
            shell.line(already(name, node.pid, up));
        }
    }
    if !anything && names.is_empty() {
        for node in &fleet.nodes {
            shell.line(already(node.name(), node.pid, node.uptime_ms));
        }
    }
    Ok(())
}

/// `b is already running (pid 4242, up 3m)`.
fn already(name: &str, pid: u32, uptime_ms: u64) -> String {
    format!("{name} is already running (pid {pid}, up {})", readable(Duration::from_millis(uptime_ms)))
}

/// Builds the releases; the programs of their nodes, in the same order.
pub(super) fn build(
    session: &Session,
    workspace: &Workspace,
    place: &Place,
    releases: &[ReleaseContents],
    profile: Profile,
) -> Result<Vec<Program>, CommandError> {
    let packages: Vec<&str> = releases.iter().map(|release| release.package.as_str()).collect();
    let built = session.cargo.build(&session.shell, &workspace.root, &packages, profile)?;
    let mut programs = Vec::new();
    for release in releases {
        let executable = built.executable_of(&release.package);
        let binary =
            executable.ok_or_else(|| BuildError::NoExecutable { package: release.package.clone() })?;
        programs.extend(release.nodes().into_iter().map(|node| Program {
            node,
            binary: binary.to_owned(),
            root: workspace.root.clone(),
            run_dir: place.dir.path().to_owned(),
            env: place.env.as_str().to_owned(),
        }));
    }
    Ok(programs)
}

fn boot(
    session: &Session,
    place: &Place,
    programs: &[Program],
    names: &[String],
    args: &Args,
) -> Result<ExitCode, CommandError> {
    match programs {
        _ if args.detach => boot_detached(session, place, programs, names, args.timeout),
        [program] => Err(not_run(program)(program.exec(names, &[], session.shell.out_has_colour())).into()),
        programs => {
            // The group hears the signals; without this the session's handler would end us at the first.
            let _listening = session.interrupt.listen();
            Ok(run_group(&session.shell, programs, &place.dir, args.timeout)?)
        }
    }
}

/// All of them, or none: what came up is stopped again when one does not.
fn boot_detached(
    session: &Session,
    place: &Place,
    programs: &[Program],
    names: &[String],
    timeout: Duration,
) -> Result<ExitCode, CommandError> {
    for (index, program) in programs.iter().enumerate() {
        // It says itself what became of it.
        let status = program.daemon(names, timeout).map_err(not_run(program))?;
        if status.success() {
            continue;
        }
        for program in programs[..index].iter().rev() {
            if let Some(record) = place.dir.record(&program.node.to_string())? {
                stop_node(&place.dir, &record, timeout)?;
                session.shell.line(format_args!("{} stopped again", program.node));
            }
        }
        return Ok(code_of_node(status));
    }
    Ok(ExitCode::Done)
}

pub(super) fn not_run(program: &Program) -> impl FnOnce(io::Error) -> StartError + use<> {
    let program = program.binary.display().to_string();
    |source| StartError::NotRun { program, source }
}

/// A release ends as we do where it can.
pub(super) fn code_of_node(status: std::process::ExitStatus) -> ExitCode {
    let code = status.code().unwrap_or_default();
    let same = ExitCode::ALL.into_iter().find(|known| i32::from(known.number()) == code && code != 0);
    match same {
        _ if status.success() => ExitCode::Done,
        Some(same) => same,
        None => ExitCode::Failed,
    }
}
