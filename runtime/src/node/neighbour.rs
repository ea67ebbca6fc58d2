//! The node of the same release that may be running already.

use std::io;
use std::time::Duration;

use super::clock::Uptime;
use super::control::client::{AskError, Client};
use super::control::protocol::{Request, Status};
use super::run_dir::{RunDir, RunFile};

/// How long a node has to answer what costs it nothing.
pub(super) const SHORT_WAIT: Duration = Duration::from_secs(5);

/// What the run folder says about the release.
pub(crate) enum Neighbour {
    /// It runs: this is how to talk to it.
    Running { client: Client, run_file: RunFile },
    /// It ran and did not stop in order.
    Crashed(RunFile),
    /// Nothing runs.
    None,
}

impl Neighbour {
    /// Looks.
    pub(crate) fn find(run_dir: &RunDir) -> io::Result<Self> {
        let Some(run_file) = run_dir.read()? else { return Ok(Self::None) };
        match Client::connect(&run_file.socket) {
            Ok(client) => Ok(Self::Running { client, run_file }),
            Err(AskError::NotRunning) => Ok(Self::Crashed(run_file)),
            Err(AskError::Io(error)) => Err(error),
            Err(other) => Err(io::Error::other(other)),
        }
    }
}

/// What a running node is doing.
pub(crate) fn status(client: &mut Client) -> Result<Status, AskError> {
    client.ask(&Request::Status, SHORT_WAIT)
}

/// `abc is already running (pid 4242, up 3m)`.
pub(crate) fn already_running(release: &str, pid: u32, client: &mut Client) -> String {
    match status(client) {
        Ok(status) => {
            let up = Uptime(Duration::from_millis(status.uptime_ms));
            format!("{release} is already running (pid {pid}, up {up})")
        }
        Err(_no_answer) => format!("{release} is already running (pid {pid}), and does not answer"),
    }
}
