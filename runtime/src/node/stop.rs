//! `stop`: asks the node to stop and returns when it is gone.

use std::time::{Duration, Instant};

use super::boot::Placed;
use super::clock::millis;
use super::console;
use super::control::client::{AskError, Client};
use super::control::protocol::Request;
use super::exit_code::Exit;
use super::neighbour::Neighbour;
use super::run_dir::RunFile;

/// How long a node has to confirm that it stops.
const CONFIRM_WAIT: Duration = Duration::from_secs(2);

/// How long a killed process may take to be gone.
const KILL_WAIT: Duration = Duration::from_secs(5);

/// Stops the node, by force if it does not stop in time.
pub(super) fn stop(placed: &Placed, timeout: Duration) -> Exit {
    let release = placed.name();
    match Neighbour::find(&placed.run_dir) {
        Ok(Neighbour::Running { mut client, run_file }) => {
            let begin = Instant::now();
            if let Some(process) = Process::of(&run_file) {
                return stop_process(placed, &mut client, &process, begin, timeout);
            }
            console::say(format_args!("{release} is not running"));
            Exit::Done
        }
        Ok(Neighbour::Crashed(run_file)) => {
            clear(placed);
            console::say(format_args!("{release} is not running: it crashed (pid {} is gone)", run_file.pid));
            Exit::Done
        }
        Ok(Neighbour::None) => {
            console::say(format_args!("{release} is not running"));
            Exit::Done
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

fn stop_process(
    placed: &Placed,
    client: &mut Client,
    process: &Process,
    begin: Instant,
    timeout: Duration,
) -> Exit {
    let release = placed.name();
    let confirmed =
        client.ask::<serde::de::IgnoredAny>(&Request::Shutdown { restart: false }, CONFIRM_WAIT.min(timeout));
    if !matches!(confirmed, Ok(_) | Err(AskError::Gone)) {
        // It does not listen to words any more.
        process.signal(rustix::process::Signal::TERM);
    }
    if process.wait(timeout.saturating_sub(begin.elapsed())) {
        console::say(format_args!("{release} stopped ({} ms)", millis(begin.elapsed())));
        return Exit::Done;
    }
    process.signal(rustix::process::Signal::KILL);
    if !process.wait(KILL_WAIT) {
        console::error(format_args!("{release} (pid {}) is not gone, not even killed", process.id));
        return Exit::NotInTime;
    }
    clear(placed);
    console::say(format_args!("{release} did not stop within {} s and was killed", timeout.as_secs_f64()));
    Exit::Done
}

/// Removes the traces of a node that could not do it itself, unless another one has been started meanwhile.
fn clear(placed: &Placed) {
    if let Ok(lock) = placed.run_dir.lock() {
        drop(placed.run_dir.clear(&lock));
    }
}

/// The process of a node, held so that its number cannot come to mean another one.
pub(super) struct Process {
    pub(super) id: u32,
    #[cfg(target_os = "linux")]
    handle: rustix::fd::OwnedFd,
}

impl Process {
    /// The process of a node that has just been talked to; nothing if it is gone already.
    pub(super) fn of(run_file: &RunFile) -> Option<Self> {
        let id = run_file.pid;
        #[cfg(target_os = "linux")]
        {
            let flags = rustix::process::PidfdFlags::empty();
            Some(Self { id, handle: rustix::process::pidfd_open(pid(id)?, flags).ok()? })
        }
        #[cfg(not(target_os = "linux"))]
        {
            rustix::process::test_kill_process(pid(id)?).ok()?;
            Some(Self { id })
        }
    }

    /// Sends a signal; to a process that is gone, nothing.
    fn signal(&self, signal: rustix::process::Signal) {
        #[cfg(target_os = "linux")]
        let _is_gone = rustix::process::pidfd_send_signal(&self.handle, signal);
        #[cfg(not(target_os = "linux"))]
        if let Some(pid) = pid(self.id) {
            let _is_gone = rustix::process::kill_process(pid, signal);
        }
    }

    /// Whether it was gone in time.
    #[cfg(target_os = "linux")]
    pub(super) fn wait(&self, wait: Duration) -> bool {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let deadline = Instant::now() + wait;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(left) = Timespec::try_from(left) else { return false };
            match poll(&mut [PollFd::new(&self.handle, PollFlags::IN)], Some(&left)) {
                Ok(ready) => return ready > 0,
                Err(rustix::io::Errno::INTR) => {}
                Err(_) => return false,
            }
        }
    }

    /// Whether it was gone in time.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn wait(&self, wait: Duration) -> bool {
        let deadline = Instant::now() + wait;
        while pid(self.id).is_some_and(|pid| rustix::process::test_kill_process(pid).is_ok()) {
            if Instant::now() >= deadline {
                return false;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        true
    }
}

fn pid(id: u32) -> Option<rustix::process::Pid> {
    rustix::process::Pid::from_raw(i32::try_from(id).ok()?)
}
