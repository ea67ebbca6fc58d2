//! The processes of a test run: each can be ended, with all that it has started.
//!
//! Source: cargo-nextest, which has each test lead a process group of its own, forwards signals to the groups, and kills
//! those that are not gone in time. A process that leads a session of its own is out of reach, there as here.

use std::collections::HashMap;
use std::io::{self, Read};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};

/// What runs now.
#[derive(Debug, Default)]
pub struct Processes(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    running: HashMap<Pid, Reach>,
    /// What all of them were told last: one that is begun just then is told as well.
    told: Option<Signal>,
}

/// How far a signal reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// This process, which ends those below it, and can ask for a password as it shares our terminal: cargo.
    Alone,
    /// A process and all that it starts: tests.
    Group,
}

/// A process that can be ended by somebody else.
#[derive(Debug)]
pub(super) struct Running<'a> {
    child: Child,
    pid: Pid,
    reach: Reach,
    processes: &'a Processes,
}

impl Processes {
    /// Sends a signal to all of them.
    pub fn signal(&self, signal: Signal) {
        let mut known = self.known();
        known.told = Some(signal);
        known.running.iter().for_each(|(pid, reach)| reach.send(*pid, signal));
    }

    /// Begins one.
    pub(super) fn spawn(&self, command: &mut Command, reach: Reach) -> io::Result<Running<'_>> {
        if reach == Reach::Group {
            command.process_group(0);
        }
        let child = command.spawn()?;
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let pid = pid.ok_or(io::ErrorKind::InvalidData)?;
        let mut known = self.known();
        known.running.insert(pid, reach);
        if let Some(signal) = known.told {
            reach.send(pid, signal);
        }
        drop(known);
        Ok(Running { child, pid, reach, processes: self })
    }

    /// Runs one to its end; what it prints on stdout, if it succeeds.
    pub(super) fn output(&self, mut command: Command) -> Option<String> {
        let mut running = self.spawn(command.stdout(Stdio::piped()), Reach::Group).ok()?;
        let mut text = Vec::new();
        running.child.stdout.take()?.read_to_end(&mut text).ok()?;
        running.end().ok()?.success().then(|| String::from_utf8_lossy(&text).into_owned())
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Running<'_> {
    pub(super) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Waits until the process has ended. Its number, which is that of its group, is not another's until [`end`](Self::end).
    pub(super) fn wait(&self) {
        let ended =
            || rustix::process::waitid(WaitId::Pid(self.pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
        while ended().is_err_and(|error| error == rustix::io::Errno::INTR) {}
    }

    /// Waits until it has ended, ends what it has left in its group, and says how it ended.
    pub(super) fn end(mut self) -> io::Result<ExitStatus> {
        self.wait();
        self.end_group();
        // After this its number may be another's.
        self.processes.known().running.remove(&self.pid);
        self.child.wait()
    }

    /// Ends what is left of the group of a process that has ended.
    pub(super) fn end_group(&self) {
        if self.reach == Reach::Group {
            self.reach.send(self.pid, Signal::KILL);
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.processes.known().running.remove(&self.pid);
    }
}

impl Reach {
    /// It may be gone already.
    fn send(self, pid: Pid, signal: Signal) {
        let _gone = match self {
            // Killed, it would leave those below it.
            Self::Alone if signal == Signal::KILL => rustix::process::kill_process(pid, Signal::TERM),
            Self::Alone => rustix::process::kill_process(pid, signal),
            Self::Group => rustix::process::kill_process_group(pid, signal),
        };
    }
}
