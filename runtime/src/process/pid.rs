//! Process identifiers and monitor references: logical ids, never addresses.

use std::fmt;
use std::num::NonZeroU32;

use super::NodeId;

/// The identity of a process, on whichever node it runs.
///
/// 16 bytes, `Copy`, and so is an `Option` of it.
/// A pid names one process: the same numbers are given again only after 2^32 other processes have used the same place in
/// its node's table, and `creation` tells two lives of one node apart.
///
/// It prints as in Erlang, `<0.87.3>`; the first number is 0 for processes of this node, and otherwise one by which this
/// node alone knows the other. With serde it says the name of its node instead, so it may be part of any message; it is
/// written and read in code that belongs to a node.
///
/// Source: OTP `erlang:pid()`, which consists of the same numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pid {
    id: u32,
    serial: u32,
    creation: u32,
    node: NodeId,
}

impl Pid {
    /// The pid of a process of this node.
    pub(crate) const fn local(id: NonZeroU32, serial: u32, creation: u32) -> Self {
        Self { id: id.get(), serial, creation, node: NodeId::HERE }
    }

    /// Stands for whoever runs on this node without being a process of it.
    pub(crate) const fn outside(creation: u32) -> Self {
        Self::on(NodeId::HERE, 0, 0, creation)
    }

    /// The pid of a process of `node`, as its numbers came from there.
    pub(crate) const fn on(node: NodeId, id: u32, serial: u32, creation: u32) -> Self {
        Self { id, serial, creation, node }
    }

    /// A pid for tests of what only passes pids on.
    #[cfg(test)]
    pub(crate) const fn nth(n: u32) -> Self {
        Self::local(NonZeroU32::MIN.saturating_add(n), 0, 1)
    }

    /// The process's place in its node's table.
    pub const fn id(self) -> u32 {
        self.id
    }

    /// How many processes had this place before.
    pub const fn serial(self) -> u32 {
        self.serial
    }

    /// Which life of its node the process belongs to.
    pub const fn creation(self) -> u32 {
        self.creation
    }

    /// Where it runs.
    pub(crate) const fn node(self) -> NodeId {
        self.node
    }

    /// Whether it is a process of another node.
    pub(crate) fn is_far(self) -> bool {
        self.node != NodeId::HERE
    }
}

impl fmt::Display for Pid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}.{}.{}>", self.node.number(), self.id, self.serial)
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
