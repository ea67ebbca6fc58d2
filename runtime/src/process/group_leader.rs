//! The group leader: which application a process belongs to.

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

    pub(super) fn note_crash(&self, crash: Crash) {
        *self.last_crash.lock().unwrap_or_else(PoisonError::into_inner) = Some(crash);
    }

    pub(super) fn joined(&self) {
        self.processes.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn left(&self) {
        self.processes.fetch_sub(1, Ordering::Relaxed);
    }
}
