//! `daemon`: runs the node in the background and waits until it is ready.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::boot::Placed;
use super::console;
use super::control::client::{AskError, Client};
use super::control::protocol::{Ready, Request};
use super::exit_code::Exit;
use super::neighbour::{Neighbour, already_running};

/// Set for the process in the background: where its output goes, and that it shall leave the terminal.
const DAEMON_LOG: &str = "UMBRELLA_DAEMON_LOG";

/// Between two looks for a socket that is not there yet. A boot takes milliseconds.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// How much of the log is shown when the boot failed.
const TAIL_LINES: usize = 20;

/// Leaves the session of the terminal, if this process is the one in the background.
pub(super) fn become_daemon(placed: &Placed) {
    if placed.inputs.variable(DAEMON_LOG).is_some() {
        // Fails only for the leader of a group, which this process has become already if it replaced itself.
        let _is_leader_already = rustix::process::setsid();
    }
}

/// Where the output of this process goes, if it is the one in the background.
pub(super) fn log_of_this_process(placed: &Placed) -> Option<&str> {
    placed.inputs.variable(DAEMON_LOG)
}

/// Starts the node, unless it runs, and returns when it is ready.
pub(super) fn daemon(placed: &Placed, applications: &[String], timeout: Duration) -> Exit {
    match Neighbour::find(&placed.run_dir) {
        Ok(Neighbour::Running { mut client, run_file }) => {
            console::say(already_running(placed.name(), run_file.pid, &mut client));
            Exit::Done
        }
        Ok(Neighbour::Crashed(_) | Neighbour::None) => start(placed, applications, timeout),
        Err(error) => {
            console::error(format_args!(
                "failed to look into {}: {error}",
                placed.run_dir.folder().display()
            ));
            Exit::Failed
        }
    }
}

fn start(placed: &Placed, applications: &[String], timeout: Duration) -> Exit {
    let deadline = Instant::now() + timeout;
    let log = placed.run_dir.log();
    let (child, before) = match spawn(placed, applications, &log) {
        Ok(spawned) => spawned,
        Err(error) => {
            console::error(format_args!("failed to start {}: {error}", placed.name()));
            return Exit::Failed;
        }
    };
    let mut node = Spawned { child, placed };
    let release = placed.name();
    match node.wait_until_ready(deadline) {
        Outcome::Ready(pid) => {
            console::say(format_args!("{release} is running (pid {pid})"));
            Exit::Done
        }
        Outcome::Failed => {
            node.wait_until_gone();
            if let Some(said) = lost_to_another_start(placed) {
                console::say(said);
                return Exit::Done;
            }
            console::error(format_args!("{release} could not boot; its log, {}, ends with", log.display()));
            console::pass_on(&tail(&log, before).unwrap_or_default());
            Exit::Failed
        }
        Outcome::TooLate => {
            node.end();
            let seconds = timeout.as_secs_f64();
            console::error(format_args!("{release} was not ready within {seconds} s and has been ended"));
            console::pass_on(&tail(&log, before).unwrap_or_default());
            Exit::NotInTime
        }
    }
}

/// Of two starts one wins. If this one lost, the node runs, which is what was asked for.
fn lost_to_another_start(placed: &Placed) -> Option<String> {
    match Neighbour::find(&placed.run_dir) {
        Ok(Neighbour::Running { mut client, run_file }) => {
            Some(already_running(placed.name(), run_file.pid, &mut client))
        }
        Ok(Neighbour::Crashed(_) | Neighbour::None) | Err(_) => None,
    }
}

/// Starts the process in the background; answers how long the log was before.
fn spawn(placed: &Placed, applications: &[String], log: &Path) -> io::Result<(Child, u64)> {
    placed.run_dir.create()?;
    let output = OpenOptions::new().create(true).append(true).mode(0o600).open(log)?;
    let before = output.metadata()?.len();
    let program =
        placed.inputs.executable.clone().ok_or_else(|| io::Error::other("this program has no path"))?;
    let mut command = Command::new(program);
    command.arg("start").args(applications).env(DAEMON_LOG, log);
    // The same folders, wherever this command was typed.
    command
        .env("UMBRELLA_ROOT", &placed.surroundings.root)
        .env("UMBRELLA_RUN_DIR", &placed.surroundings.run_dir);
    command.env("UMBRELLA_ENV", &placed.surroundings.env);
    command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
    Ok((command.spawn()?, before))
}

struct Spawned<'a> {
    child: Child,
    placed: &'a Placed,
}

enum Outcome {
    /// With the process id.
    Ready(u32),
    Failed,
    TooLate,
}

impl Spawned<'_> {
    fn wait_until_ready(&mut self, deadline: Instant) -> Outcome {
        loop {
            match self.ask(deadline) {
                Ok(Some(pid)) => return Outcome::Ready(pid),
                Ok(None) | Err(AskError::NotRunning) => {}
                Err(AskError::Timeout) => return Outcome::TooLate,
                Err(AskError::Refused(_) | AskError::Gone | AskError::Io(_)) => return Outcome::Failed,
            }
            if !matches!(self.child.try_wait(), Ok(None)) {
                return Outcome::Failed;
            }
            if Instant::now() >= deadline {
                return Outcome::TooLate;
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }

    /// Asks the child whether it is ready; nothing if it does not listen yet.
    fn ask(&self, deadline: Instant) -> Result<Option<u32>, AskError> {
        let run_file = self.placed.run_dir.read().map_err(AskError::Io)?;
        // The file of a node that crashed may still be there.
        let Some(run_file) = run_file.filter(|run_file| run_file.pid == self.child.id()) else {
            return Ok(None);
        };
        let mut client = Client::connect(&run_file.socket)?;
        let wait = deadline.saturating_duration_since(Instant::now());
        client.ask::<Ready>(&Request::Ready, wait)?;
        Ok(Some(run_file.pid))
    }

    fn wait_until_gone(&mut self) {
        // It fails only when the child has been waited for already.
        drop(self.child.wait());
    }

    /// Leaves nothing running.
    fn end(&mut self) {
        drop(self.child.kill());
        self.wait_until_gone();
        if let Ok(lock) = self.placed.run_dir.lock() {
            drop(self.placed.run_dir.clear(&lock));
        }
    }
}

/// The last lines of what was written to the log since it had `before` bytes.
fn tail(log: &Path, before: u64) -> io::Result<String> {
    /// Enough for the lines shown, however much was logged.
    const LONGEST: u64 = 16 * 1024;
    let length = fs::metadata(log)?.len();
    let mut file = File::open(log)?;
    file.seek(SeekFrom::Start(before.max(length.saturating_sub(LONGEST))))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<_> = text.lines().collect();
    let shown = lines.iter().skip(lines.len().saturating_sub(TAIL_LINES));
    Ok(shown.map(|line| format!("  {line}\n")).collect())
}
