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

mod threads;

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use miette::Diagnostic;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use threads::{await_ready, follow, watch};

use super::control::ControlError;
use super::output::Prefixes;
use super::process::{Process, ProcessError};
use super::program::Program;
use super::sources::Sources;
use super::state::RunDir;
use crate::error::Failure;
use crate::exit::ExitCode;
use crate::shell::Shell;

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
    /// Of the process with this number.
    Ready(i32, Result<(), ControlError>),
    Exited(usize, io::Result<ExitStatus>),
    Changed(Vec<PathBuf>),
    Signal,
}

/// What is done when sources change.
pub trait OnChange {
    /// Builds what these files are part of, and says which of the programs are others now; nothing if it does not build,
    /// and then nothing is to be done.
    fn changed(&mut self, files: &[PathBuf]) -> Option<Vec<usize>>;
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
    /// Which applications start; all, if there are none.
    applications: &'a [String],
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
    let group = Group::new(shell, programs, &[], dir, timeout);
    group.listening(|group| group.run(None))
}

/// As [`run_group`], and starts those again of which `on_change` says that their programs are others, until Ctrl-C.
///
/// # Errors
/// [`GroupError`].
pub fn run_watched(
    shell: &Shell,
    programs: &[Program],
    applications: &[String],
    dir: &RunDir,
    timeout: Duration,
    sources: Sources,
    on_change: &mut dyn OnChange,
) -> Result<ExitCode, GroupError> {
    let group = Group::new(shell, programs, applications, dir, timeout);
    let sender = group.sender.clone();
    thread::spawn(move || watch(sources, &sender));
    group.listening(|group| group.run(Some(on_change)))
}

impl<'a> Group<'a> {
    fn new(
        shell: &'a Shell,
        programs: &'a [Program],
        applications: &'a [String],
        dir: &'a RunDir,
        timeout: Duration,
    ) -> Self {
        let (sender, events) = channel();
        let names: Vec<String> = programs.iter().map(|program| program.node.to_string()).collect();
        let prefixes = Prefixes::new(names.iter().map(String::as_str));
        Self { shell, programs, applications, dir, timeout, prefixes, members: Vec::new(), sender, events }
    }

    /// Runs with Ctrl-C as an event.
    fn listening(
        mut self,
        run: impl FnOnce(&mut Self) -> Result<ExitCode, GroupError>,
    ) -> Result<ExitCode, GroupError> {
        let mut signals = Signals::new([SIGINT, SIGTERM]).map_err(GroupError::Signals)?;
        let watch = signals.handle();
        let on_signal = self.sender.clone();
        thread::spawn(move || {
            signals.forever().take_while(|_| on_signal.send(Event::Signal).is_ok()).for_each(drop)
        });
        let code = run(&mut self);
        watch.close();
        code
    }

    fn run(&mut self, mut on_change: Option<&mut dyn OnChange>) -> Result<ExitCode, GroupError> {
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
        // Somebody who edits will have them come back.
        while on_change.is_some() || self.members.iter().any(|member| !member.is_gone) {
            match (self.events.recv(), &mut on_change) {
                (Ok(Event::Signal), _) => return self.stop(),
                (Ok(Event::Changed(files)), Some(on_change)) => {
                    if let Some(others) = on_change.changed(&files)
                        && let Some(code) = self.replace(&others)?
                    {
                        return Ok(code);
                    }
                }
                (Ok(event), on_change) => {
                    let is_end = matches!(event, Event::Exited(..));
                    self.note(event);
                    if is_end && on_change.is_some() && self.members.iter().all(|member| member.is_gone) {
                        let next = "the next change starts it again, Ctrl-C ends";
                        self.shell.progress(format_args!("nothing runs any more: {next}"));
                    }
                }
                (Err(_no_senders), _) => break,
            }
        }
        self.drain();
        Ok(self.code_so_far())
    }

    /// Stops the nodes whose programs are others now, the last first, and starts them again, with those that died. An
    /// exit code, if Ctrl-C came between.
    fn replace(&mut self, others: &[usize]) -> Result<Option<ExitCode>, GroupError> {
        let restarts = |at: &usize| others.contains(at) || self.members[*at].is_gone;
        let restarted: Vec<usize> = (0..self.members.len()).filter(restarts).collect();
        if restarted.is_empty() {
            return Ok(None);
        }
        let names: Vec<String> = restarted.iter().map(|at| self.programs[*at].node.to_string()).collect();
        let are = if names.len() == 1 { "is" } else { "are" };
        self.shell.progress(format_args!("{} {are} restarted", names.join(", ")));
        for &index in restarted.iter().rev() {
            self.stop_one(index)?;
        }
        for &index in &restarted {
            match self.bring_up(index)? {
                None => {}
                Some(ExitCode::Interrupted) => return self.stop().map(Some),
                // It was said why; the next change may mend it.
                Some(_) => drop(self.stop_one(index)?),
            }
        }
        if restarted.iter().all(|&index| !self.members[index].is_gone) {
            self.shell.progress(format_args!("{} {are} ready", names.join(", ")));
        }
        Ok(None)
    }

    /// A node that died is a failure, also when the others were stopped in order.
    fn code_so_far(&self) -> ExitCode {
        if self.members.iter().any(|member| member.failed) { ExitCode::Failed } else { ExitCode::Done }
    }

    /// Starts one after another; an exit code if that did not go through.
    fn boot(&mut self) -> Result<Option<ExitCode>, GroupError> {
        for index in 0..self.programs.len() {
            if let Some(code) = self.bring_up(index)? {
                return Ok(Some(code));
            }
        }
        let names: Vec<String> = self.programs.iter().map(|program| program.node.to_string()).collect();
        let (are, them) = if names.len() == 1 { ("is", "it") } else { ("are", "them") };
        let order = if names.len() == 1 { "" } else { " in reverse order" };
        self.shell.progress(format_args!("{} {are} ready; Ctrl-C stops {them}{order}", names.join(", ")));
        Ok(None)
    }

    /// Starts a node and waits until it is ready; an exit code if it did not come up.
    fn bring_up(&mut self, index: usize) -> Result<Option<ExitCode>, GroupError> {
        self.spawn(index)?;
        let pid = self.members[index].process.pid();
        loop {
            let Ok(event) = self.events.recv() else { return Ok(Some(ExitCode::Bug)) };
            match event {
                Event::Signal => return Ok(Some(ExitCode::Interrupted)),
                Event::Ready(ready, Ok(())) if ready == pid => return Ok(None),
                Event::Ready(ready, Err(error)) if ready == pid => {
                    return Ok(Some(self.not_ready(index, &error)));
                }
                // Built when what was built before runs.
                Event::Changed(files) => drop(self.sender.send(Event::Changed(files))),
                event @ (Event::Line(..) | Event::Ready(..) | Event::Exited(..)) => self.note(event),
            }
            if self.members[index].is_gone {
                return Ok(Some(ExitCode::Failed));
            }
        }
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
        let child = program.spawn(self.applications, writer, self.shell.out_has_colour()).map_err(failed)?;
        let process = Process::of_child(&child)?;
        let member = Member { process, is_gone: false, failed: false };
        match self.members.get_mut(index) {
            Some(before) => *before = member,
            None => self.members.push(member),
        }
        follow(index, child, reader, self.sender.clone());
        let (sender, timeout) = (self.sender.clone(), self.timeout);
        let (dir, node, pid) =
            (self.dir.clone(), program.node.to_string(), self.members[index].process.pid());
        thread::spawn(move || {
            let ready = await_ready(&dir, &node, pid, timeout);
            let _nobody_waits_any_more = sender.send(Event::Ready(pid, ready));
        });
        Ok(())
    }

    /// Stops what still runs, the last first. A second signal kills.
    fn stop(&mut self) -> Result<ExitCode, GroupError> {
        let mut code = self.code_so_far();
        for index in (0..self.members.len()).rev() {
            if self.stop_one(index)? {
                code = ExitCode::Interrupted;
            }
        }
        self.drain();
        Ok(code)
    }

    /// Stops a node, if it runs; whether a signal came meanwhile, at which all are killed.
    fn stop_one(&mut self, index: usize) -> Result<bool, GroupError> {
        let mut interrupted = false;
        if self.members[index].is_gone {
            return Ok(interrupted);
        }
        self.shell.progress(format_args!("stopping {}", self.programs[index].node));
        self.members[index].process.terminate()?;
        let deadline = Instant::now() + STOP;
        while !self.members[index].is_gone {
            match self.events.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(Event::Signal) => {
                    interrupted = true;
                    self.kill_all()?;
                }
                Ok(event) => self.note(event),
                Err(RecvTimeoutError::Timeout) => {
                    let node = &self.programs[index].node;
                    let seconds = STOP.as_secs();
                    self.shell.warn(format_args!("{node} was not gone after {seconds} s: it was killed"));
                    self.members[index].process.kill()?;
                    self.wait_for_end_of(index);
                }
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        Ok(interrupted)
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
            Event::Ready(..) | Event::Changed(_) | Event::Signal => {}
        }
    }

    /// Prints what came before the end.
    fn drain(&mut self) {
        while let Ok(event) = self.events.try_recv() {
            self.note(event);
        }
    }
}
