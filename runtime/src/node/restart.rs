//! `restart`: the node stops in order and the same process starts anew.

use std::time::{Duration, Instant};

use super::boot::Placed;
use super::console;
use super::control::client::{AskError, Client};
use super::control::protocol::{Ready, Request};
use super::daemon;
use super::exit_code::Exit;
use super::neighbour::Neighbour;
use super::run_dir::RunFile;
use super::stop::Process;

/// Between two looks for the new socket.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// Restarts the node and returns when it is ready again; starts it if it is not running.
pub(super) fn restart(placed: &Placed, timeout: Duration) -> Exit {
    match Neighbour::find(&placed.run_dir) {
        Ok(Neighbour::Running { client, run_file }) => {
            let outcome = again(placed, client, &run_file, Instant::now() + timeout);
            report(placed, &run_file, outcome, timeout)
        }
        Ok(Neighbour::Crashed(_) | Neighbour::None) => {
            console::say(format_args!("{} was not running", placed.name()));
            daemon::daemon(placed, &[], timeout)
        }
        Err(error) => {
            console::error(format_args!(
                "failed to look into {}: {error}",
                placed.run_dir.folder().display()
            ));
            Exit::Failed
        }
    }
}

fn again(placed: &Placed, mut client: Client, before: &RunFile, deadline: Instant) -> Result<(), AskError> {
    let left = || deadline.saturating_duration_since(Instant::now());
    let process = Process::of(before).ok_or(AskError::Gone)?;
    client.ask::<serde::de::IgnoredAny>(&Request::Shutdown { restart: true }, left())?;
    // The connection ends when the process has become the new node.
    client.wait_until_closed(left())?;
    loop {
        if let Ok(Neighbour::Running { mut client, .. }) = Neighbour::find(&placed.run_dir) {
            return client.ask::<Ready>(&Request::Ready, left()).map(drop);
        }
        if process.wait(LOOK_EVERY) {
            return Err(AskError::Gone);
        }
        if Instant::now() >= deadline {
            return Err(AskError::Timeout);
        }
    }
}

fn report(placed: &Placed, before: &RunFile, outcome: Result<(), AskError>, timeout: Duration) -> Exit {
    let (release, pid) = (placed.name(), before.pid);
    match outcome {
        Ok(()) => {
            console::say(format_args!("{release} is running again (pid {pid})"));
            Exit::Done
        }
        Err(AskError::Timeout) => {
            let seconds = timeout.as_secs_f64();
            console::error(format_args!("{release} (pid {pid}) was not ready again within {seconds} s"));
            Exit::NotInTime
        }
        Err(AskError::Gone | AskError::NotRunning | AskError::Refused(_)) => {
            let log = before.log.as_ref().map(|log| format!("\nhelp: its log is {}", log.display()));
            console::error(format_args!(
                "{release} stopped and could not boot again{}",
                log.unwrap_or_default()
            ));
            Exit::Failed
        }
        Err(error @ AskError::Io(_)) => {
            console::error(error);
            Exit::Failed
        }
    }
}
