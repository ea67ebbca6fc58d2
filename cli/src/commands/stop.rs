//! `umbrella stop [APP...]`.

use std::time::Duration;

use crate::error::CommandError;
use crate::exit::ExitCode;
use crate::plan::selection::select_applications;
use crate::plan::stop::{HasDependents, plan_stop};
use crate::run::control::{ControlError, Refusal, Stopped};
use crate::run::fleet::Fleet;
use crate::run::place::{Env, Place};
use crate::run::state::Found;
use crate::run::stop::{Gone, How, stop_node};
use crate::session::Session;

use super::start::seconds;

/// What `stop` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  umbrella stop                      everything, in reverse order; returns when it is gone
  umbrella stop b                    only b, as a unit
  umbrella stop c --with-dependents  c, and before it who depends on c

Exit codes: 0 stopped, or not running, 1 somebody depends on it, 5 still there after all")]
pub(super) struct Args {
    /// The applications to stop [default: all, and their nodes]
    #[arg(value_name = "APP")]
    applications: Vec<String>,
    /// Stop who depends on them too, first
    #[arg(long)]
    with_dependents: bool,
    /// How long a node may take before it is terminated, then killed
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    timeout: Duration,
    /// The environment [default: UMBRELLA_ENV, else dev]
    #[arg(long, value_name = "ENV")]
    env: Option<Env>,
}

pub(super) fn run(args: &Args, session: &Session) -> Result<ExitCode, CommandError> {
    let place = Place::find(session, Env::choose(args.env, session)?)?;
    if args.applications.is_empty() {
        stop_all(session, &place, args.timeout)?;
    } else {
        stop_some(session, &place, args)?;
    }
    Ok(ExitCode::Done)
}

/// The node started last goes first.
fn stop_all(session: &Session, place: &Place, timeout: Duration) -> Result<(), CommandError> {
    let mut found = place.dir.nodes()?;
    if found.is_empty() {
        session.shell.line(format_args!("nothing is running in {}", place.env));
    }
    found.sort_by_key(|node| node.record().started_unix_ms);
    for node in found.iter().rev() {
        let record = node.record();
        match stop_node(&place.dir, record, timeout)? {
            Some(gone) => report(session, record.name(), &gone, timeout),
            None if matches!(node, Found::Crashed(_)) => {
                let (name, pid) = (record.name(), record.pid);
                session.shell.line(format_args!("{name} is not running: it crashed earlier (pid {pid})"));
            }
            None => session.shell.line(format_args!("{} is not running", record.name())),
        }
    }
    Ok(())
}

/// Says that a node is gone, and what it took.
fn report(session: &Session, name: &str, gone: &Gone, timeout: Duration) {
    let shell = &session.shell;
    let took = gone.after.as_millis();
    let how = match gone.how {
        How::InOrder => {
            return match gone.applications.len() {
                0 => shell.line(format_args!("{name} stopped ({took} ms)")),
                1 => shell.line(format_args!("{name} stopped: 1 application ({took} ms)")),
                count => shell
                    .line(format_args!("{name} stopped: {count} applications in reverse order ({took} ms)")),
            };
        }
        How::Terminated => "terminated",
        How::Killed => "killed",
    };
    let allowed = timeout.as_secs_f64();
    shell.line(format_args!("{name} {how}: it was not gone after {allowed} s (pid {}, {took} ms)", gone.pid));
}

fn stop_some(session: &Session, place: &Place, args: &Args) -> Result<(), CommandError> {
    let fleet = Fleet::of(place)?;
    if args.applications.iter().any(|name| !fleet.has(name)) {
        // Only the manifests know whether that is a slip or an application that does not run.
        select_applications(&session.load_workspace()?, &args.applications)?;
    }
    let plan = plan_stop(&fleet.nodes, &args.applications, args.with_dependents)?;
    for name in &plan.not_running {
        session.shell.line(format_args!("{name} is not running"));
    }
    for step in plan.steps {
        let mut control = fleet.connect(step.node)?;
        let stopped = control
            .stop(&step.applications, args.with_dependents, args.timeout)
            .map_err(|error| refused("stop", error))?;
        say_stopped(session, &stopped);
    }
    Ok(())
}

/// One line each, in the order of stopping; the last says how long it all took.
fn say_stopped(session: &Session, stopped: &Stopped) {
    let shell = &session.shell;
    for name in &stopped.already {
        shell.line(format_args!("{name} is not running"));
    }
    if let Some((last, others)) = stopped.stopped.split_last() {
        others.iter().for_each(|name| shell.line(format_args!("{name} stopped")));
        shell.line(format_args!("{last} stopped ({} ms)", stopped.duration_ms));
    }
}

/// What a node refuses to `verb`. When it was planned, it is that somebody started in between.
pub(super) fn refused(verb: &str, error: ControlError) -> CommandError {
    if let ControlError::Refused(Refusal::HasDependents { application, dependents }) = error {
        return HasDependents::new(verb, application, dependents).into();
    }
    error.into()
}
