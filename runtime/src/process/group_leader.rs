//! The group leader: which application a process belongs to.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use super::{ExitReason, Pid};

/// The application that a process belongs to, inherited from the process that spawned it.
///
/// Source: OTP `erlang:group_leader/0`: the application master is the group leader of every process of its
/// application.
#[derive(Debug)]
pub struct GroupLeader {
    name: Box<str>,
    processes: AtomicUsize,
    restarts: AtomicU64,
    last_crash: Mutex<Option<Crash>>,
    /// The last that went wrong, the oldest first.
    history: Mutex<VecDeque<Incident>>,
    /// The processes that were still there when it was stopped.
    outlived: Mutex<Vec<Box<str>>>,
}

/// How much of what went wrong in an application is remembered.
const REMEMBERED: usize = 64;

/// Something that went wrong in an application: a crash, or what a supervisor made of one.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Incident {
    /// When, by the wall clock.
    pub at: SystemTime,
    /// What kind of thing it is.
    pub kind: IncidentKind,
    /// Who: the process that crashed, the supervisor that decided, or the application that ended.
    pub process: Box<str>,
    /// Its process; nothing if it has none.
    pub pid: Option<Pid>,
    /// The process that it is about, of what a supervisor did: its child.
    pub about: Option<Pid>,
    /// What happened and why, as it stands in the log.
    pub text: Box<str>,
}

/// What kind of thing went wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum IncidentKind {
    /// A process crashed.
    Crash,
    /// A supervisor saw the end of a child, and restarted it or did not.
    ChildTerminated,
    /// A child did not start.
    StartError,
    /// A supervisor gave up.
    GaveUp,
    /// A child ended otherwise than its supervisor asked it to.
    ShutdownError,
    /// The application ended on its own.
    ApplicationEnded,
}

impl IncidentKind {
    /// As it is written for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Crash => "crash",
            Self::ChildTerminated => "child_terminated",
            Self::StartError => "start_error",
            Self::GaveUp => "gave_up",
            Self::ShutdownError => "shutdown_error",
            Self::ApplicationEnded => "application_ended",
        }
    }
}

/// The last abnormal end of a process of an application.
#[derive(Clone, Debug)]
pub struct Crash {
    /// The process that crashed.
    pub pid: Pid,
    /// Its registered name, or the name of its type.
    pub process: Box<str>,
    /// Why.
    pub reason: ExitReason,
    /// When, by the wall clock.
    pub at: SystemTime,
}

impl GroupLeader {
    /// A group leader for the application `name`, with no process yet.
    pub fn new(name: impl Into<Box<str>>) -> Self {
        Self {
            name: name.into(),
            processes: AtomicUsize::new(0),
            restarts: AtomicU64::new(0),
            last_crash: Mutex::new(None),
            history: Mutex::default(),
            outlived: Mutex::default(),
        }
    }

    /// The name of the application.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many processes of the application are alive.
    pub fn processes(&self) -> usize {
        self.processes.load(Ordering::Relaxed)
    }

    /// How many times a supervisor of the application restarted a child, as restart intensities count: once for each
    /// end of a child and for each start that failed, however many siblings are restarted with it.
    pub fn restarts(&self) -> u64 {
        self.restarts.load(Ordering::Relaxed)
    }

    /// Counts one restart.
    pub fn note_restart(&self) {
        self.restarts.fetch_add(1, Ordering::Relaxed);
    }

    /// The last abnormal end of a process of the application.
    pub fn last_crash(&self) -> Option<Crash> {
        self.last_crash.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The processes that were still there when the application was stopped, as people would name them.
    pub fn outlived(&self) -> Vec<Box<str>> {
        self.outlived.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes a process that was still there when the application was stopped.
    pub fn note_outlived(&self, who: impl Into<Box<str>>) {
        self.outlived.lock().unwrap_or_else(PoisonError::into_inner).push(who.into());
    }

    /// The last that went wrong in the application, the oldest first: 64 at most.
    pub fn history(&self) -> Vec<Incident> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Remembers what went wrong, and forgets the oldest if that is too much.
    pub(crate) fn note(&self, incident: Incident) {
        let mut history = self.history.lock().unwrap_or_else(PoisonError::into_inner);
        if history.len() == REMEMBERED {
            history.pop_front();
        }
        history.push_back(incident);
    }

    /// Remembers what went wrong in the life of the application before this one.
    pub(crate) fn remember(&self, before: &Self) {
        let mut history = before.history();
        let mut own = self.history.lock().unwrap_or_else(PoisonError::into_inner);
        history.extend(own.drain(..));
        own.extend(history.split_off(history.len().saturating_sub(REMEMBERED)));
    }

    pub(super) fn note_crash(&self, crash: Crash) {
        self.note(Incident {
            at: crash.at,
            kind: IncidentKind::Crash,
            process: crash.process.clone(),
            pid: Some(crash.pid),
            about: None,
            text: crash.reason.to_string().into(),
        });
        *self.last_crash.lock().unwrap_or_else(PoisonError::into_inner) = Some(crash);
    }

    pub(super) fn joined(&self) {
        self.processes.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn left(&self) {
        self.processes.fetch_sub(1, Ordering::Relaxed);
    }
}
