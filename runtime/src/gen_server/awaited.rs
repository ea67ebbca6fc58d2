//! A call, for those to look at who find out who waits for whom.

use std::sync::{Arc, Weak};

use tokio::time::Instant;

use super::slot::{self, Lost, Slot, Waiting};
use crate::process::{Awaited, WaitPath};

impl<R: Send + 'static> Waiting<R> {
    /// The call, without keeping it.
    #[cfg(not(umbrella_loom))]
    pub(super) fn call(&self) -> Option<Weak<dyn Awaited>> {
        let slot: Weak<Slot<R>> = Arc::downgrade(self.slot()?);
        Some(slot)
    }

    /// Loom's `Arc` cannot be referred to without being kept, so on loom nobody looks.
    #[cfg(umbrella_loom)]
    pub(super) fn call(&self) -> Option<Weak<dyn Awaited>> {
        None::<Weak<Slot<R>>>.map(|slot| slot as Weak<dyn Awaited>)
    }
}

impl<R: Send> Awaited for Slot<R> {
    fn is_open(self: Arc<Self>) -> bool {
        // Both ends and this one.
        Arc::strong_count(&self) > 2 && !self.has_outcome()
    }

    fn is_held_by_callee(&self) -> bool {
        !self.is_deferred()
    }

    fn deadline(&self) -> Option<Instant> {
        Self::deadline(self)
    }

    fn fail(&self, path: &WaitPath) {
        slot::fail(self, Lost::Cycle(path.clone()));
    }
}
