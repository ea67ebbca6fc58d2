//! Several releases of one deployment in the foreground: one process each, their lines prefixed, one Ctrl-C for all.
//!
//! Nodes start one after another, each when the one before it is ready, and stop in reverse. One that dies is reported;
//! the others keep running, as they would on machines of their own. When all are gone, or on Ctrl-C or SIGTERM, it is
//! over; a second Ctrl-C kills.
//!
//! ```text
//! node --- pipe ----> reader thread --\
//! node --- exit ----> waiter thread ----> one channel -> the loop in `Group`, which prints and decides
//! node <-- `ready` -- prober thread --/
//! Ctrl-C -----------> signal thread -/
//! ```

use std::io::{self, BufRead, BufReader, PipeReader};
use std::process::{Child, ExitStatus};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use miette::Diagnostic;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::control::{Control, ControlError};
use super::output::Prefixes;
use super::process::{Process, ProcessError};
use super::program::Program;
use super::state::RunDir;
use crate::error::Failure;
use crate::exit::ExitCode;
use crate::shell::Shell;

/// How often a node that is not there yet is looked for.
const PROBE: Duration = Duration::from_millis(5);

/// How long a node may take to stop after SIGTERM before it is killed.
const STOP: Duration = Duration::from_secs(10);

/// Why the group could not be run.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[non_exhaustive]
pub enum GroupError {
    /// A node cannot be started.
    #[error("could not start `{node}`")]
    Spawn {
        /// The node.
        node: String,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// Signals cannot be watched for.
    #[error("could not watch for Ctrl-C")]
    Signals(#[source] io::Error),
    /// A node cannot be signalled.
    #[error(transparent)]
    Process(#[from] ProcessError),
}

impl Failure for GroupError {}

/// What the loop hears of.
enum Event {
    Line(usize, String),
    Ready(usize, Result<(), ControlError>),
    Exited(usize, io::Result<ExitStatus>),
    Signal,
}

/// A node of the group.
struct Member {
    process: Process,
    is_gone: bool,
    failed: bool,
}

struct Group<'a> {
    shell: &'a Shell,
    programs: &'a [Program],
    dir: &'a RunDir,
    timeout: Duration,
    prefixes: Prefixes,
    members: Vec<Member>,
    sender: Sender<Event>,
    events: Receiver<Event>,
}

/// Runs `programs` until all are gone; `timeout` for each to become ready.
///
/// # Errors
/// [`GroupError`]. A node that fails is an exit code: 1, or 5 when it was not ready in time.
pub fn run_group(
    shell: &Shell,
    programs: &[Program],
    dir: &RunDir,
    timeout: Duration,
) -> Result<ExitCode, GroupError> {
    let (sender, events) = channel();
    let mut signals = Signals::new([SIGINT, SIGTERM]).map_err(GroupError::Signals)?;
    let watch = signals.handle();
    let on_signal = sender.clone();
    thread::spawn(move || {
        signals.forever().take_while(|_| on_signal.send(Event::Signal).is_ok()).for_each(drop)
    });
    let names: Vec<String> = programs.iter().map(|program| program.node.to_string()).collect();
    let prefixes = Prefixes::new(names.iter().map(String::as_str));
    let mut group = Group { shell, programs, dir, timeout, prefixes, members: Vec::new(), sender, events };
    let code = group.run();
    watch.close();
    code
}

impl Group<'_> {
    fn run(&mut self) -> Result<ExitCode, GroupError> {
        let came_up = match self.boot() {
            Ok(came_up) => came_up,
            Err(error) => {
                self.stop()?;
                return Err(error);
            }
        };
        if let Some(code) = came_up {
            self.stop()?;
            return Ok(code);
        }
        while self.members.iter().any(|member| !member.is_gone) {
            match self.events.recv() {
                Ok(Event::Signal) => return self.stop(),
                Ok(event) => self.note(event),
                Err(_no_senders) => break,
            }
        }
        self.drain();
        Ok(self.code_so_far())
    }

    /// A node that died is a failure, also when the others were stopped in order.
    fn code_so_far(&self) -> ExitCode {
        if self.members.iter().any(|member| member.failed) { ExitCode::Failed } else { ExitCode::Done }
    }

    /// Starts one after another; an exit code if that did not go through.
    fn boot(&mut self) -> Result<Option<ExitCode>, GroupError> {
        for index in 0..self.programs.len() {
            self.spawn(index)?;
            loop {
                let Ok(event) = self.events.recv() else { return Ok(Some(ExitCode::Bug)) };
                match event {
                    Event::Signal => return Ok(Some(ExitCode::Interrupted)),
                    Event::Ready(ready, Ok(())) if ready == index => break,
                    Event::Ready(ready, Err(error)) if ready == index => {
                        return Ok(Some(self.not_ready(index, &error)));
                    }
                    event @ (Event::Line(..) | Event::Ready(..) | Event::Exited(..)) => self.note(event),
                }
                if self.members[index].is_gone {
                    return Ok(Some(ExitCode::Failed));
                }
            }
        }
        let names: Vec<String> = self.programs.iter().map(|program| program.node.to_string()).collect();
        self.shell
            .progress(format_args!("{} are ready; Ctrl-C stops them in reverse order", names.join(", ")));
        Ok(None)
    }

    fn not_ready(&mut self, index: usize, error: &ControlError) -> ExitCode {
        let node = &self.programs[index].node;
        if matches!(error, ControlError::TimedOut(_)) {
            let allowed = self.timeout.as_secs_f64();
            self.shell.warn(format_args!("{node} was not ready within {allowed} s"));
            ExitCode::TimedOut
        } else {
            self.shell.warn(format_args!("{node} did not come up: {error}"));
            ExitCode::Failed
        }
    }

    fn spawn(&mut self, index: usize) -> Result<(), GroupError> {
        let program = &self.programs[index];
        let failed = |source| GroupError::Spawn { node: program.node.to_string(), source };
        let (reader, writer) = io::pipe().map_err(failed)?;
        let child = program.spawn(writer, self.shell.out_has_colour()).map_err(failed)?;
        let process = Process::of_child(&child)?;
        self.members.push(Member { process, is_gone: false, failed: false });
        follow(index, child, reader, self.sender.clone());
        let (sender, timeout) = (self.sender.clone(), self.timeout);
        let (dir, node, pid) =
            (self.dir.clone(), program.node.to_string(), self.members[index].process.pid());
        thread::spawn(move || {
            let ready = await_ready(&dir, &node, pid, timeout);
            let _nobody_waits_any_more = sender.send(Event::Ready(index, ready));
        });
        Ok(())
    }

    /// Stops what still runs, the last first. A second signal kills.
    fn stop(&mut self) -> Result<ExitCode, GroupError> {
        let mut code = self.code_so_far();
        for index in (0..self.members.len()).rev() {
            if self.members[index].is_gone {
                continue;
            }
            self.shell.progress(format_args!("stopping {}", self.programs[index].node));
            self.members[index].process.terminate()?;
            let deadline = Instant::now() + STOP;
            while !self.members[index].is_gone {
                match self.events.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                    Ok(Event::Signal) => {
                        code = ExitCode::Interrupted;
                        self.kill_all()?;
                    }
                    Ok(event) => self.note(event),
                    Err(RecvTimeoutError::Timeout) => {
                        let node = &self.programs[index].node;
                        self.shell.warn(format_args!(
                            "{node} was not gone after {} s: it was killed",
                            STOP.as_secs()
                        ));
                        self.members[index].process.kill()?;
                        self.wait_for_end_of(index);
                    }
                    Err(RecvTimeoutError::Disconnected) => break,
                }
            }
        }
        self.drain();
        Ok(code)
    }

    fn kill_all(&self) -> Result<(), GroupError> {
        for member in self.members.iter().filter(|member| !member.is_gone) {
            member.process.kill()?;
        }
        Ok(())
    }

    fn wait_for_end_of(&mut self, index: usize) {
        while !self.members[index].is_gone {
            match self.events.recv() {
                Ok(event) => self.note(event),
                Err(_no_senders) => return,
            }
        }
    }

    /// Prints a line, or notes the end of a node.
    fn note(&mut self, event: Event) {
        match event {
            Event::Line(index, line) => self.shell.line(self.prefixes.line(index, &line)),
            Event::Exited(index, status) => {
                let failed = !status.as_ref().is_ok_and(ExitStatus::success);
                self.members[index].is_gone = true;
                self.members[index].failed = failed;
                if failed {
                    let how = status.map_or_else(|error| error.to_string(), |status| status.to_string());
                    self.shell.warn(format_args!("{} died: {how}", self.programs[index].node));
                }
            }
            Event::Ready(..) | Event::Signal => {}
        }
    }

    /// Prints what came before the end.
    fn drain(&mut self) {
        while let Ok(event) = self.events.try_recv() {
            self.note(event);
        }
    }
}

/// Sends the lines of a node, then its end: an end always comes after the last line.
fn follow(index: usize, mut child: Child, output: PipeReader, sender: Sender<Event>) {
    thread::spawn(move || {
        for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            if sender.send(Event::Line(index, line)).is_err() {
                break;
            }
        }
        let _nobody_waits_any_more = sender.send(Event::Exited(index, child.wait()));
    });
}

/// Waits until the process `pid` has its run file, then until it says that it is ready.
fn await_ready(dir: &RunDir, node: &str, pid: i32, timeout: Duration) -> Result<(), ControlError> {
    let deadline = Instant::now() + timeout;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        // A run file of another process is one that crashed: it is replaced in a moment.
        let record = dir.record(node).ok().flatten().filter(|record| i64::from(record.pid) == i64::from(pid));
        if let Some(record) = record {
            match Control::connect(&record.socket) {
                Ok(mut control) => return control.ready(left),
                Err(ControlError::NotRunning) => {}
                Err(error) => return Err(error),
            }
        }
        if left.is_zero() {
            return Err(ControlError::TimedOut(timeout));
        }
        thread::sleep(PROBE.min(left));
    }
}
