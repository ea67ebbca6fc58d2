//! `start`: this process becomes the node.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};

use super::boot::Placed;
use super::clock::unix_ms;
use super::config_files::ConfigFiles;
use super::control::answers::Facts;
use super::distribution::{self, Speaking, settings::Settings};
use super::exit_code::Exit;
use super::life::{self, BootScript, End, Life};
use super::neighbour::{Neighbour, already_running};
use super::placement::Placement;
use super::run_dir::{Lock, LockError, RunFile};
use super::{console, daemon, log};
use crate::application::{Loaded, Refused};
use crate::config::{Config, ConfigError};

/// How long the winner of two starts has to say where it is, before the loser gives up finding out.
const WINNER_WAIT: Duration = Duration::from_millis(500);

/// Runs the node until it stops.
pub(super) fn start(placed: Placed, applications: &[String]) -> Exit {
    let (started, started_at) = (Instant::now(), SystemTime::now());
    daemon::become_daemon(&placed);
    match prepare(&placed, applications) {
        Ok(Prepared { lock, loaded, wanted, settings, placement, distribution, directives }) => {
            log::init(directives, &placed.inputs);
            let facts = facts(&placed, &settings, started, started_at);
            let script = BootScript { facts, loaded, wanted, placement, distribution };
            run(Life { placed, lock, script })
        }
        Err(refusal) => {
            console::error(refusal);
            Exit::Failed
        }
    }
}

/// What is found out before anything runs.
struct Prepared {
    lock: Lock,
    loaded: Loaded,
    wanted: Vec<&'static str>,
    settings: Settings,
    placement: Placement,
    distribution: Option<distribution::Plan>,
    directives: tracing_subscriber::filter::Targets,
}

fn prepare(placed: &Placed, applications: &[String]) -> Result<Prepared, Box<dyn std::error::Error>> {
    let directives = log::directives(placed.inputs.variable("UMBRELLA_LOG"))?;
    let mut loaded = Loaded::new(placed.boot.applications.clone(), placed.boot.elsewhere.clone())?;
    let wanted = wanted(&loaded, applications)?;
    let files = ConfigFiles::of(placed);
    let settings = configure(&mut loaded, &wanted, files.load()?)?;
    let prefix = files.prefixes.first().map(String::as_str).unwrap_or_default();
    settings.check_secure(&placed.surroundings.env, prefix)?;
    let placement = Placement::of(placed, &loaded, &settings)?;
    let distribution = distribution::plan(placed, &settings)?;
    placed.run_dir.create()?;
    placed.run_dir.create_socket_folder()?;
    let lock = match placed.run_dir.lock() {
        Ok(lock) => lock,
        Err(LockError::Taken(pid)) => return Err(taken(placed, pid).into()),
        Err(LockError::Io(error)) => return Err(error.into()),
    };
    Ok(Prepared { lock, loaded, wanted, settings, placement, distribution, directives })
}

/// Reads what the node and its applications are configured with; says everything that is wrong with it at once.
fn configure(loaded: &mut Loaded, wanted: &[&'static str], config: Config) -> Result<Settings, ConfigError> {
    match (Settings::of(&config), loaded.configure(wanted, config)) {
        (Ok(settings), Ok(())) => Ok(settings),
        (Ok(_), Err(error)) => Err(error),
        (Err(problems), Ok(())) => Err(ConfigError { problems }),
        (Err(problems), Err(error)) => {
            Err(ConfigError { problems: problems.into_iter().chain(error.problems).collect() })
        }
    }
}

/// The applications to start: those named, or all.
fn wanted(loaded: &Loaded, names: &[String]) -> Result<Vec<&'static str>, String> {
    let applications = loaded.applications();
    if names.is_empty() {
        return Ok(applications.known());
    }
    let plan = applications.plan_start(names).map_err(|refused| {
        if let Refused::UnknownApplication { known, .. } = &refused {
            return format!("{refused}\nhelp: applications: {}", known.join(", "));
        }
        refused.to_string()
    })?;
    Ok(plan.start)
}

/// Somebody else runs the release: says who, which may take a moment when both have just been started.
fn taken(placed: &Placed, pid: Option<u32>) -> String {
    let release = placed.name();
    let begin = Instant::now();
    loop {
        if let Ok(Neighbour::Running { mut client, run_file }) = Neighbour::find(&placed.run_dir) {
            return already_running(release, run_file.pid, &mut client);
        }
        if begin.elapsed() > WINNER_WAIT {
            let pid = pid.map_or_else(String::new, |pid| format!(" (pid {pid})"));
            return format!("{release} is already being started by another process{pid}");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn facts(placed: &Placed, settings: &Settings, started: Instant, started_at: SystemTime) -> Facts {
    let instances = placed.boot.instances.iter();
    Facts {
        release: placed.release().to_owned(),
        node: settings.full_name(placed.name()),
        instance: placed.instance,
        instances: instances.map(|(release, count)| ((*release).to_owned(), *count)).collect(),
        release_version: placed.boot.version.to_owned(),
        deployment: placed.surroundings.deployment(placed.boot.version),
        env: placed.surroundings.env.clone(),
        started,
        started_at,
    }
}

/// What the node says about itself in the run folder.
pub(super) fn run_file(placed: &Placed, facts: &Facts, speaking: Option<&Speaking>) -> RunFile {
    RunFile {
        version: 1,
        release: placed.release().to_owned(),
        node: facts.node.clone(),
        address: speaking.and_then(|speaking| speaking.address),
        distribution_socket: speaking.and_then(|speaking| speaking.socket.clone()),
        release_version: placed.boot.version.to_owned(),
        pid: std::process::id(),
        socket: placed.run_dir.socket(),
        log: daemon::log_of_this_process(placed).map(PathBuf::from),
        env: placed.surroundings.env.clone(),
        started_unix_ms: unix_ms(facts.started_at),
    }
}

fn run(life: Life) -> Exit {
    let executable = life.placed.inputs.executable.clone();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            console::error(format_args!("failed to start the tokio runtime: {error}"));
            return Exit::Failed;
        }
    };
    let end = runtime.block_on(life::live(life));
    // Connections to the control socket are to end when the process is gone, not before; and blocking tasks of the user
    // that never end must not hold it up.
    std::mem::forget(runtime);
    match end {
        End::Stopped => Exit::Done,
        End::Failed => Exit::Failed,
        End::Restart => {
            let program = executable.unwrap_or_else(|| std::env::args_os().next().unwrap_or_default().into());
            let error = Command::new(program).args(std::env::args_os().skip(1)).exec();
            console::error(format_args!("failed to start again: {error}"));
            Exit::Failed
        }
    }
}
