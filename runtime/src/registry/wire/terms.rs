//! What a protocol says of itself, for nodes of other versions.

use std::any::type_name;
use std::fmt;

use super::Shape;
use crate::process::Node;
use crate::registry::Protocol;
use crate::registry::contract::{Builder, Described, Kind};

/// The terms of a protocol, as it tells them.
pub struct Terms(pub(super) Builder);

impl Terms {
    /// Begins with a handler, whose messages are wrapped like this; what it takes and answers follows.
    pub fn handler(&mut self, name: &'static str, shape: Shape) {
        let kind = match shape {
            Shape::Call => Kind::Call,
            Shape::Cast => Kind::Cast,
            Shape::Info => Kind::Info,
        };
        self.0.handler(name, kind);
    }
}

impl fmt::Debug for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Terms").finish_non_exhaustive()
    }
}

/// What the protocol `P` is to other nodes; nothing if its messages stay on their node.
pub(crate) fn contract<P: Protocol>() -> Option<Described> {
    let mut terms = Terms(Builder::default());
    // Pids are read in a node.
    Node::new("contract").enter(|| P::tell(&mut terms));
    let contract = terms.0.finish();
    (!contract.handlers.is_empty()).then(|| Described::new(type_name::<P>(), contract))
}

/// The same, as JSON.
pub(crate) fn contract_json<P: Protocol>() -> Option<serde_json::Value> {
    serde_json::to_value(contract::<P>()?).ok()
}
