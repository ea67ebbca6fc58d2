//! The other nodes that this one has heard of: names outside, numbers inside.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, RwLockReadGuard};

use super::Node;
use super::id_hash::IdHash;
use super::incoming::System;
use super::remote::Remote;

/// A node, as this node numbers it; the first number of a printed [`Pid`](super::Pid).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct NodeId(NonZeroU32);

impl NodeId {
    /// This node.
    pub(crate) const HERE: Self = Self(NonZeroU32::MIN);

    /// 0 is this node.
    pub(crate) const fn number(self) -> u32 {
        self.0.get() - 1
    }

    pub(crate) fn nth(number: usize) -> Option<Self> {
        u32::try_from(number).ok()?.checked_add(1).and_then(NonZeroU32::new).map(Self)
    }

    /// Which entry of the table it is, unless it is this node.
    fn index(self) -> Option<usize> {
        (self.number() as usize).checked_sub(1)
    }
}

/// More than any cluster has; a peer that names more in what it sends is not believed.
///
/// Names are not forgotten while the node lives, since pids may be anywhere.
const NAMES: usize = 1 << 16;

/// The length of the longest atom, in characters; each takes four bytes at most.
const LENGTH: usize = 255 * 4;

/// A node of this name cannot be told from others: the name is too long, or too many others are known.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("too many names of nodes, or one that is too long")]
pub(crate) struct TooManyNodes;

/// The name of a node that is none among others.
///
/// Source: OTP `erlang:node/0` of a node that is not alive.
const ALONE: &str = "nonode@nohost";

/// The names of other nodes, and the way to them.
#[derive(Default)]
pub(super) struct Nodes {
    names: RwLock<Names>,
    pub(super) remote: OnceLock<Arc<dyn Remote>>,
    pub(super) system: OnceLock<Arc<dyn System>>,
    watchers: Mutex<Watchers>,
}

/// Who is told of nodes that come and go, and which there are.
#[derive(Default)]
struct Watchers {
    /// With how many connections: the next may be there before it is told that the last is gone.
    up: HashMap<NodeId, usize>,
    all: Vec<Watcher>,
}

/// Is told of every node that comes and goes, until it answers that it is no more. It only queues what it is told.
pub(crate) type Watcher = Box<dyn Fn(NodeEvent) -> bool + Send>;

/// What became of the connection to a node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum NodeEvent {
    Up(NodeId),
    Down(NodeId),
}

#[derive(Default)]
struct Names {
    ids: HashMap<Arc<str>, NodeId, IdHash>,
    names: Vec<Arc<str>>,
}

impl Node {
    /// The way to other nodes, if this one has any.
    pub(crate) fn remote(&self) -> Option<&Arc<dyn Remote>> {
        self.known_nodes().remote.get()
    }

    /// The full name of this node, by which others know it: `c@127.0.0.1`, and `nonode@nohost` if there are none.
    ///
    /// Source: OTP `erlang:node/0`.
    pub fn full_name(&self) -> &str {
        self.remote().map_or(ALONE, |remote| remote.name())
    }

    /// The number by which this node knows the one with the full `name`.
    pub(crate) fn node_id(&self, name: &str) -> Result<NodeId, TooManyNodes> {
        if name == self.full_name() || name == ALONE {
            return Ok(NodeId::HERE);
        }
        self.known_nodes().id(name)
    }

    /// Has `watcher` told of the nodes that are connected now, and from then on of all that come and go.
    pub(crate) fn watch_nodes(&self, watcher: Watcher) {
        let mut watchers = self.known_nodes().watchers();
        if watchers.up.keys().all(|node| watcher(NodeEvent::Up(*node))) {
            watchers.all.push(watcher);
        }
    }

    /// The full name of a node.
    pub(crate) fn node_name(&self, id: NodeId) -> Option<Arc<str>> {
        if id == NodeId::HERE { Some(self.full_name().into()) } else { self.known_nodes().name(id) }
    }
}

impl Nodes {
    pub(super) fn note(&self, event: NodeEvent) {
        let mut watchers = self.watchers();
        match event {
            NodeEvent::Up(node) => *watchers.up.entry(node).or_default() += 1,
            NodeEvent::Down(node) => {
                let Some(connections) = watchers.up.get_mut(&node) else { return };
                *connections -= 1;
                if *connections > 0 {
                    return;
                }
                watchers.up.remove(&node);
            }
        }
        // Under the lock, so that all are told in the same order.
        watchers.all.retain(|watcher| watcher(event));
    }

    fn watchers(&self) -> MutexGuard<'_, Watchers> {
        self.watchers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self) -> RwLockReadGuard<'_, Names> {
        self.names.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn id(&self, name: &str) -> Result<NodeId, TooManyNodes> {
        if let Some(known) = self.read().ids.get(name) {
            return Ok(*known);
        }
        let mut names = self.names.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = names.ids.get(name) {
            return Ok(*known);
        }
        if name.len() > LENGTH || names.names.len() >= NAMES {
            return Err(TooManyNodes);
        }
        let id = NodeId::nth(names.names.len() + 1).ok_or(TooManyNodes)?;
        let name: Arc<str> = name.into();
        names.names.push(name.clone());
        names.ids.insert(name, id);
        Ok(id)
    }

    fn name(&self, id: NodeId) -> Option<Arc<str>> {
        self.read().names.get(id.index()?).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_keeps_its_number_and_no_two_share_one() {
        let nodes = Nodes::default();
        let (a, b) = (nodes.id("a@host").expect("room"), nodes.id("b@host").expect("room"));
        assert_eq!([a, b].map(NodeId::number), [1, 2]);
        assert_eq!(nodes.id("a@host"), Ok(a));
        assert_eq!([a, b].map(|id| nodes.name(id)), [Some("a@host".into()), Some("b@host".into())]);
        assert_eq!(nodes.name(NodeId::HERE), None);
    }

    #[test]
    fn names_of_nodes_are_bounded_in_length_and_number() {
        let nodes = Nodes::default();
        assert_eq!(nodes.id(&"x".repeat(LENGTH + 1)), Err(TooManyNodes));
        for n in 0..NAMES {
            assert!(nodes.id(&format!("n{n}")).is_ok());
        }
        assert_eq!(nodes.id("one more"), Err(TooManyNodes));
        assert_eq!(nodes.id("n7").map(NodeId::number), Ok(8));
    }
}
