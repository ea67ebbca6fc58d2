//! How a cycle is told.

use std::fmt;
use std::sync::Arc;

use super::super::Pid;
use super::super::any_cell::AnyCell;

/// Processes of which each waits for the next, and the last for the first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WaitPath(Arc<[Waiter]>);

/// A process that waits for another.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Waiter {
    /// Which process.
    pub pid: Pid,
    /// The name it is registered under.
    pub name: Option<Arc<str>>,
    /// The name of its type.
    pub type_name: &'static str,
    /// The handler in which it waits.
    pub handler: Option<&'static str>,
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
            write!(f, "{waiter} -> ")?;
        }
        self.0.first().map_or(Ok(()), |first| first.process(f))
    }
}

impl Waiter {
    pub(super) fn new(pid: Pid, process: Option<&dyn AnyCell>) -> Self {
        Self {
            pid,
            name: process.and_then(AnyCell::name),
            type_name: process.map_or("", |process| process.head().label()),
            handler: process.and_then(AnyCell::handler),
        }
    }

    /// The process alone.
    fn process(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => f.write_str(name),
            None => write!(f, "{}{}", self.type_name, self.pid),
        }
    }
}

/// `b_counter.add`; without a registered name, `shop::Counter<0.5.0>.add`.
impl fmt::Display for Waiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.process(f)?;
        self.handler.map_or(Ok(()), |handler| write!(f, ".{handler}"))
    }
}
