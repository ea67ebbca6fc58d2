//! How much this node and others have told each other.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Node;

/// Bytes from and to other nodes, over all connections that were made.
#[derive(Default)]
pub(crate) struct Traffic {
    input: AtomicU64,
    output: AtomicU64,
}

impl Traffic {
    /// That of `node`.
    pub(crate) fn of(node: &Node) -> Arc<Self> {
        node.extensions().get("")
    }

    pub(crate) fn has_read(&self, bytes: usize) {
        self.input.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(crate) fn has_written(&self, bytes: usize) {
        self.output.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Bytes that came, and bytes that went.
    pub(crate) fn both(&self) -> (u64, u64) {
        (self.input.load(Ordering::Relaxed), self.output.load(Ordering::Relaxed))
    }
}
