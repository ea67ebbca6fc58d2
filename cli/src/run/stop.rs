//! Stopping a node: ask, wait until it is gone, then insist.

use std::time::{Duration, Instant};

use miette::Diagnostic;

use super::control::{Control, ControlError};
use super::process::{Process, ProcessError};
use super::state::{Record, RunDir, StateError};
use super::status::ApplicationState;
use crate::error::Failure;
use crate::exit::ExitCode;

/// How long a node that ignored the request has after SIGTERM.
const AFTER_TERM: Duration = Duration::from_secs(1);

/// How long the system may take to end a process after SIGKILL. Only one stuck in a driver needs longer.
const AFTER_KILL: Duration = Duration::from_secs(5);

/// A node that is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    /// The process it was.
    pub pid: i32,
    /// The applications that ran in it, in the order they were stopped; empty if it did not say.
    pub applications: Vec<String>,
    /// What it took.
    pub how: How,
    /// How long it took.
    pub after: Duration,
}

/// What it took to stop a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It did as it was asked.
    InOrder,
    /// It did not within the time allowed, and went at SIGTERM.
    Terminated,
    /// It ignored SIGTERM too.
    Killed,
}

/// Why a node is not known to be gone.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[non_exhaustive]
pub enum StopError {
    /// It is there after everything was tried.
    #[error("`{node}` (pid {pid}) is still there after SIGKILL")]
    StillThere {
        /// The node.
        node: String,
        /// Its process.
        pid: i32,
    },
    /// Its process could not be found or signalled.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// What it left could not be removed.
    #[error(transparent)]
    State(#[from] StateError),
}

impl Failure for StopError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::StillThere { .. } => ExitCode::TimedOut,
            Self::Process(_) | Self::State(_) => ExitCode::Failed,
        }
    }
}

/// Stops the node of `record` and waits until it is gone: `timeout` for its applications to stop in reverse order, then
/// SIGTERM, then SIGKILL. Nothing if no node runs.
///
/// # Errors
/// [`StopError`].
pub fn stop_node(dir: &RunDir, record: &Record, timeout: Duration) -> Result<Option<Gone>, StopError> {
    let began = Instant::now();
    let process = match Process::behind(&record.socket) {
        Ok(process) => process,
        Err(ProcessError::Control(ControlError::NotRunning)) => {
            dir.forget(record)?;
            return Ok(None);
        }
        Err(error) => return Err(error.into()),
    };
    let applications = ask(record);
    let how = insist(&process, record, timeout.saturating_sub(began.elapsed()))?;
    if how != How::InOrder {
        dir.forget(record)?;
    }
    Ok(Some(Gone { pid: process.pid(), applications, how, after: began.elapsed() }))
}

/// Sends the request; the applications that were running. A node that does not answer is dealt with by signals.
fn ask(record: &Record) -> Vec<String> {
    let asked = Control::connect(&record.socket).and_then(|mut control| {
        let status = control.status()?;
        control.shutdown().map(|()| status.applications)
    });
    let running = asked.unwrap_or_default().into_iter();
    let running = running.filter(|application| application.state == ApplicationState::Running);
    running.rev().map(|application| application.name).collect()
}

fn insist(process: &Process, record: &Record, timeout: Duration) -> Result<How, StopError> {
    if process.wait_gone(timeout)? {
        return Ok(How::InOrder);
    }
    process.terminate()?;
    if process.wait_gone(AFTER_TERM)? {
        return Ok(How::Terminated);
    }
    process.kill()?;
    if process.wait_gone(AFTER_KILL)? {
        return Ok(How::Killed);
    }
    Err(StopError::StillThere { node: record.name().to_owned(), pid: process.pid() })
}
