//! How a cycle is told.

use std::fmt;
use std::sync::Arc;

use super::super::Pid;

/// Processes of which each waits for the next, and the last for the first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WaitPath(Arc<[Waiter]>);

/// A process that waits for another.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Waiter {
    /// Which process.
    pub pid: Pid,
    /// The name it is registered under, or that of its type.
    pub name: Arc<str>,
}

impl WaitPath {
    pub(super) fn new(waiters: Vec<Waiter>) -> Self {
        Self(waiters.into())
    }

    /// The processes, beginning with the one whose call failed.
    pub fn waiters(&self) -> &[Waiter] {
        &self.0
    }
}

impl fmt::Display for WaitPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for waiter in self.0.iter() {
            write!(f, "{waiter} awaits ")?;
        }
        self.0.first().map_or(Ok(()), |first| first.fmt(f))
    }
}

impl fmt::Display for Waiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.pid)
    }
}
