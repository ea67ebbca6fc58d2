//! Which nodes of the deployment run an application.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::nodes::TooManyNodes;
use super::{Node, NodeId};

/// Application -> the nodes that run it.
#[derive(Default)]
pub(super) struct Placement(RwLock<HashMap<Box<str>, Arc<[NodeId]>>>);

impl Node {
    /// Says which nodes run `application`, by their full names; this one may be among them.
    ///
    /// Only after [`Node::set_remote`]: by its full name this node knows itself.
    pub(crate) fn set_placement<N: AsRef<str>>(
        &self,
        application: &str,
        nodes: impl IntoIterator<Item = N>,
    ) -> Result<(), TooManyNodes> {
        let ids = nodes.into_iter().map(|name| self.node_id(name.as_ref())).collect::<Result<_, _>>()?;
        let mut placement = self.placements().0.write().unwrap_or_else(PoisonError::into_inner);
        placement.insert(application.into(), ids);
        Ok(())
    }

    /// The nodes that run `application`, in the order of its instances; none if nobody has said.
    pub(crate) fn placement(&self, application: &str) -> Arc<[NodeId]> {
        let placement = self.placements().0.read().unwrap_or_else(PoisonError::into_inner);
        placement.get(application).cloned().unwrap_or_else(|| Arc::from([]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_application_runs_where_was_said_last() {
        let node = Node::new("ab");
        assert!(node.placement("c").is_empty());
        node.set_placement("c", ["c-1@127.0.0.1", "c-2@127.0.0.1"]).expect("few nodes");
        let first = node.node_id("c-1@127.0.0.1").expect("known");
        assert_eq!(node.placement("c")[0], first);
        assert_eq!(node.placement("c").len(), 2);
        node.set_placement("c", ["c-1@127.0.0.1"]).expect("few nodes");
        assert_eq!(*node.placement("c"), [first]);
    }
}
