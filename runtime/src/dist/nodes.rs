//! Nodes that are connected, as a node sees them.

use std::sync::{Arc, OnceLock, Weak};

use super::network::Network;
use crate::process::Node;

/// Where a node finds its own distribution.
#[derive(Default)]
struct Plugged(OnceLock<Weak<Network>>);

pub(super) fn plug_in(node: &Node, network: &Arc<Network>) {
    let _first = node.extensions().get::<Plugged>("").0.set(Arc::downgrade(network));
}

fn network(node: &Node) -> Option<Arc<Network>> {
    node.extensions().get::<Plugged>("").0.get()?.upgrade()
}

/// Why a node cannot be connected.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// This node is not distributed; see [`Distribution`](super::Distribution).
    #[error("this node is not distributed")]
    NotDistributed,
    /// It cannot be told from others: its name is too long, or too many are known.
    #[error("`{0}` is no name that this node could know a node by")]
    BadName(Arc<str>),
    /// An attempt failed so shortly ago that none is made; it is made again soon.
    #[error("an attempt has failed just now")]
    FailedJustNow,
    /// The attempt failed.
    #[error("{0}")]
    Failed(Arc<str>),
}

impl Node {
    /// The full names of the nodes that are connected, in no order.
    ///
    /// Source: OTP `erlang:nodes(connected)`.
    pub fn nodes(&self) -> Vec<Arc<str>> {
        network(self).map_or_else(Vec::new, |network| network.connected())
    }

    /// Connects to the node with the full name `name`, unless it is connected.
    ///
    /// Nobody has to: the first message does. It is for those who want to know whether the node is there.
    ///
    /// Source: OTP `net_kernel:connect_node/1`.
    ///
    /// # Errors
    /// See [`ConnectError`].
    ///
    /// # Cancel safety
    /// Dropping the future only stops the waiting.
    pub async fn connect(&self, name: &str) -> Result<(), ConnectError> {
        let network = network(self).ok_or(ConnectError::NotDistributed)?;
        if name == self.full_name() {
            return Ok(());
        }
        let id = self.node_id(name).map_err(|_| ConnectError::BadName(name.into()))?;
        let connection = network.connect(id).ok_or(ConnectError::FailedJustNow)?;
        drop(network);
        connection.made().await.map_err(ConnectError::Failed)
    }

    /// Closes the connection to the node with the full name `name`: whether there was one.
    ///
    /// It is made again when it is needed.
    ///
    /// Source: OTP `erlang:disconnect_node/1`.
    pub fn disconnect(&self, name: &str) -> bool {
        let Some(network) = network(self) else { return false };
        self.node_id(name).is_ok_and(|id| network.disconnect(id))
    }
}
