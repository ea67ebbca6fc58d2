//! Process identifiers and monitor references: logical ids, never addresses.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The identity of a process.
///
/// 16 bytes, `Copy`.
/// A pid names one process for ever: serials are never reused, and `creation` tells two lives of one node apart.
///
/// Source: OTP `erlang:pid()`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Pid {
    serial: u64,
    creation: u32,
    node: u32,
}

impl Pid {
    /// The pid of a process of this node.
    pub(crate) const fn local(serial: u64, creation: u32) -> Self {
        Self { serial, creation, node: 0 }
    }

    /// Stands for whoever runs on a node without being a process of it.
    pub(crate) const fn outside(creation: u32) -> Self {
        Self::local(0, creation)
    }

    /// Which process of its node this is; counts up from 1, and 0 is whoever is no process.
    pub const fn serial(self) -> u64 {
        self.serial
    }

    /// Which life of the node the process belongs to.
    pub const fn creation(self) -> u32 {
        self.creation
    }
}

impl fmt::Display for Pid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}.{}.0>", self.node, self.serial)
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
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct MonitorRef(pub(crate) u64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pid_is_sixteen_bytes_and_prints_as_in_erlang() {
        assert_eq!(size_of::<Pid>(), 16);
        assert_eq!(Pid::local(12, 7).to_string(), "<0.12.0>");
    }
}
