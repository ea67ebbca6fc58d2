//! What a protocol says of itself, for nodes of other versions.

use std::any::type_name;
use std::fmt;

use super::Shape;
use crate::process::Node;
use crate::registry::Protocol;
use crate::registry::contract::{Builder, Described};

/// The terms of a protocol, as it tells them.
pub struct Terms(pub(super) Builder);

impl Terms {
    /// Begins with a handler; what it takes and answers follows.
    pub fn handler(&mut self, name: &'static str) {
        self.0.handler(name);
    }
}

impl fmt::Debug for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Terms").finish_non_exhaustive()
    }
}

/// What the protocol `P` is to other nodes, as JSON; nothing if its messages stay on their node.
pub(crate) fn contract<P: Protocol>() -> Option<serde_json::Value> {
    P::SHAPES.iter().find(|shape| **shape != Shape::Info)?;
    let mut terms = Terms(Builder::default());
    // Pids are read in a node.
    Node::new("contract").enter(|| P::tell(&mut terms));
    serde_json::to_value(Described::new(type_name::<P>(), terms.0.finish())).ok()
}
