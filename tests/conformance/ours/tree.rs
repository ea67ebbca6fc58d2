//! The supervisors of a scenario, and what can be asked of them.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use umbrella::gen_server::{Start, StartError};
use umbrella::prelude::*;
use umbrella::supervisor::{ChildCounts, ChildError, ChildInfo, ChildState};

use super::actor::Actor;
use super::words;
use super::world::{Process, World};
use crate::scenario::{Declaration, Kind};

/// What the running process asks of the supervisor, or server, `name`.
pub(super) async fn perform(world: &Arc<World>, verb: &str, name: &str, arguments: &[&str]) -> String {
    if verb == "start_link" {
        return outcome(world, start_link(world.clone(), name.into()).await.map(drop));
    }
    match world.process(name) {
        Process::Supervisor(supervisor) => ask(world, &supervisor, verb, arguments).await,
        Process::Dynamic(supervisor) => ask_dynamic(world, &supervisor, name, verb, arguments).await,
        _ => panic!("`{name}` is not a supervisor"),
    }
}

async fn ask(world: &Arc<World>, supervisor: &Ref<Supervisor>, verb: &str, arguments: &[&str]) -> String {
    match (verb, arguments) {
        ("start_child", [child]) => started(world, supervisor.start_child(child_spec(world, child)).await),
        ("restart_child", [child]) => started(world, supervisor.restart_child(*child).await),
        ("terminate_child", [child]) => done(world, supervisor.terminate_child(*child).await),
        ("delete_child", [child]) => done(world, supervisor.delete_child(*child).await),
        ("end", [reason]) => {
            done(world, supervisor.stop(words::exit(reason)).await.map_err(ChildError::Call))
        }
        ("which_children", []) => match supervisor.which_children().await {
            Ok(children) => children.iter().map(state).collect::<Vec<_>>().join(","),
            Err(error) => format!("exit {}", words::call_error(&error)),
        },
        ("count_children", []) => match supervisor.count_children().await {
            Ok(counts) => counted(&counts),
            Err(error) => format!("exit {}", words::call_error(&error)),
        },
        _ => panic!("no supervisor knows `{verb}`"),
    }
}

async fn ask_dynamic(
    world: &Arc<World>,
    supervisor: &Ref<DynamicSupervisor>,
    name: &str,
    verb: &str,
    arguments: &[&str],
) -> String {
    match (verb, arguments) {
        ("start_child", [child]) => {
            // As in OTP, what children have in common is said by their supervisor.
            let spec =
                described(starter(world, child, &Declaration::server(child)), &world.declaration(name));
            started(world, supervisor.start_child(spec).await)
        }
        ("terminate_child", [child]) => done(world, supervisor.terminate_child(world.pid(child)).await),
        ("end", [reason]) => {
            done(world, supervisor.stop(words::exit(reason)).await.map_err(ChildError::Call))
        }
        ("which_children", []) => match supervisor.which_children().await {
            Ok(children) => {
                let name = |child: &ChildInfo| match child.state {
                    ChildState::Running(pid) => world.name_of(pid),
                    _ => "restarting".into(),
                };
                let mut names: Vec<_> = children.iter().map(name).collect();
                names.sort();
                names.join(",")
            }
            Err(error) => format!("exit {}", words::call_error(&error)),
        },
        ("count_children", []) => match supervisor.count_children().await {
            // One specification for all children is what only OTP has.
            Ok(ChildCounts { active, supervisors, workers, .. }) => {
                format!("active:{active},supervisors:{supervisors},workers:{workers}")
            }
            Err(error) => format!("exit {}", words::call_error(&error)),
        },
        _ => panic!("no dynamic supervisor knows `{verb}`"),
    }
}

fn started(world: &World, outcome: Result<Option<Pid>, ChildError>) -> String {
    match outcome {
        Ok(Some(_)) => "ok".into(),
        Ok(None) => "ok undefined".into(),
        Err(error) => words::child_error(world, &error),
    }
}

fn done(world: &World, outcome: Result<(), ChildError>) -> String {
    outcome.map_or_else(|error| words::child_error(world, &error), |()| "ok".into())
}

/// What a start comes to, as words.
pub(super) fn outcome(world: &World, outcome: Result<(), StartError>) -> String {
    match outcome {
        Ok(()) => "ok".into(),
        Err(StartError::Ignore) => "ignore".into(),
        Err(error) => format!("error {}", words::start_error(world, &error)),
    }
}

fn state(child: &ChildInfo) -> String {
    let state = match child.state {
        ChildState::Running(_) => "running",
        ChildState::Restarting => "restarting",
        ChildState::Stopped => "undefined",
    };
    format!("{}:{state}", child.id)
}

fn counted(counts: &ChildCounts) -> String {
    let ChildCounts { specs, active, supervisors, workers, .. } = counts;
    format!("specs:{specs},active:{active},supervisors:{supervisors},workers:{workers}")
}

pub(super) type Starting = Pin<Box<dyn Future<Output = Result<Pid, StartError>> + Send>>;

/// Starts what was declared as `name`, linked to the running process.
pub(super) fn start_link(world: Arc<World>, name: String) -> Starting {
    Box::pin(async move {
        let declaration = world.declaration(&name);
        let process = match declaration.kind {
            Kind::Server => {
                let start = Start::<Actor>::new((world.clone(), name.clone())).link();
                return named(&world, &name, start).start().await.map(|server| Ref::pid(&server));
            }
            Kind::Supervisor => Process::Supervisor(supervisor(&world, &declaration).start_link().await?),
            Kind::Dynamic => Process::Dynamic(dynamic(&declaration).start_link().await?),
            Kind::Application => panic!("`{name}` is an application"),
        };
        let pid = process.pid();
        world.hello(&name, process).await;
        world.event(&name, "started");
        Ok(pid)
    })
}

/// `start` with the name and the time that were declared for it.
pub(super) fn named(world: &World, name: &str, start: Start<Actor>) -> Start<Actor> {
    let declaration = world.declaration(name);
    let start = match declaration.option("name") {
        Some(registered) => start.registered_as(registered),
        None => start,
    };
    match declaration.option("init_timeout") {
        Some(time) => start.init_timeout(words::time(time)),
        None => start,
    }
}

fn supervisor(world: &Arc<World>, declaration: &Declaration) -> Supervisor {
    let strategy = match declaration.option("strategy") {
        Some("one_for_all") => Strategy::OneForAll,
        Some("rest_for_one") => Strategy::RestForOne,
        _ => Strategy::OneForOne,
    };
    let auto_shutdown = match declaration.option("auto_shutdown") {
        Some("any_significant") => AutoShutdown::AnySignificant,
        Some("all_significant") => AutoShutdown::AllSignificant,
        _ => AutoShutdown::Never,
    };
    let supervisor = Supervisor::new(strategy)
        .auto_shutdown(auto_shutdown)
        .intensity(declaration.number("intensity", 1))
        .period(Duration::from_secs(declaration.number("period", 5).into()));
    let supervisor = match declaration.option("name") {
        Some(registered) => supervisor.name(Supervisor::named(String::leak(registered.into()), "")),
        None => supervisor,
    };
    let children = declaration.list("children");
    children.iter().fold(supervisor, |supervisor, child| supervisor.child(child_spec(world, child)))
}

fn dynamic(declaration: &Declaration) -> DynamicSupervisor {
    DynamicSupervisor::new()
        .intensity(declaration.number("intensity", 1))
        .period(Duration::from_secs(declaration.number("period", 5).into()))
}

fn child_spec(world: &Arc<World>, name: &str) -> ChildSpec {
    let declaration = world.declaration(name);
    described(starter(world, name, &declaration), &declaration)
}

fn starter(world: &Arc<World>, name: &str, declaration: &Declaration) -> ChildSpec {
    let (world, child) = (world.clone(), name.to_owned());
    let start = move || start_link(world.clone(), child.clone());
    match declaration.kind {
        Kind::Server => ChildSpec::worker(name, start),
        Kind::Supervisor | Kind::Dynamic | Kind::Application => ChildSpec::supervisor(name, start),
    }
}

fn described(spec: ChildSpec, declaration: &Declaration) -> ChildSpec {
    let spec = spec.restart(match declaration.option("restart") {
        Some("transient") => Restart::Transient,
        Some("temporary") => Restart::Temporary,
        _ => Restart::Permanent,
    });
    let spec = if declaration.has("significant") { spec.significant() } else { spec };
    match shutdown(declaration) {
        Some(shutdown) => spec.shutdown(shutdown),
        None => spec,
    }
}

fn shutdown(declaration: &Declaration) -> Option<Shutdown> {
    Some(match declaration.option("shutdown")? {
        "brutal_kill" => Shutdown::BrutalKill,
        "infinity" => Shutdown::Infinity,
        time => Shutdown::After(words::time(time)),
    })
}
