//! Process identifiers and monitor references: logical ids, never addresses.

use std::fmt;
use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

/// The identity of a process.
///
/// 16 bytes, `Copy`, and so is an `Option` of it.
/// A pid names one process: the same numbers are given again only after 2^32 other processes have used the same place in
/// the node's table, and `creation` tells two lives of one node apart.
///
/// Source: OTP `erlang:pid()`, which consists of the same numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Pid {
    id: NonZeroU32,
    serial: u32,
    creation: u32,
    node: u32,
}

impl Pid {
    /// The pid of a process of this node.
    pub(crate) const fn local(id: NonZeroU32, serial: u32, creation: u32) -> Self {
        Self { id, serial, creation, node: 0 }
    }

    /// Stands for whoever runs on a node without being a process of it.
    pub(crate) const fn outside(creation: u32) -> Self {
        Self::local(NonZeroU32::MAX, 0, creation)
    }

    /// A pid for tests of what only passes pids on.
    #[cfg(test)]
    pub(crate) const fn nth(n: u32) -> Self {
        Self::local(NonZeroU32::MIN.saturating_add(n), 0, 1)
    }

    /// The process's place in its node's table.
    pub const fn id(self) -> NonZeroU32 {
        self.id
    }

    /// How many processes had this place before.
    pub const fn serial(self) -> u32 {
        self.serial
    }

    /// Which life of the node the process belongs to.
    pub const fn creation(self) -> u32 {
        self.creation
    }
}

impl fmt::Display for Pid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.id == NonZeroU32::MAX {
            return write!(f, "<{}.0.0>", self.node);
        }
        write!(f, "<{}.{}.{}>", self.node, self.id, self.serial)
    }
}

impl fmt::Debug for Pid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// One monitor: what [`monitor`](super::monitor) returns and what comes back in its [`Down`](super::Down).
///
/// Source: OTP `erlang:monitor/2`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct MonitorRef(pub(crate) u64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pid_is_sixteen_bytes_and_prints_as_in_erlang() {
        assert_eq!((size_of::<Pid>(), size_of::<Option<Pid>>()), (16, 16));
        let id = NonZeroU32::MIN.saturating_add(86);
        assert_eq!(Pid::local(id, 3, 7).to_string(), "<0.87.3>");
        assert_eq!(Pid::outside(7).to_string(), "<0.0.0>");
    }
}
