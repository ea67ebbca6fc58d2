//! Processes that exist for their names: whatever they are sent is done by whoever brings it, or by a process of its own.

use std::convert::Infallible;
use std::sync::Arc;

use crate::process::incoming::Import;
use crate::process::{AnyCell, ExitReason, Kind, Node, Spawn, discard, run};

/// What is known of such a process by its name.
pub(super) const fn kind(label: fn() -> &'static str, import: Import) -> Kind {
    Kind { label, handlers: None, import: Some(import), layout: None, contract: None }
}

/// Starts a process that has the name `name`, unless somebody has it.
pub(super) fn start(node: &Node, name: &'static str, kind: &'static Kind) {
    let spawn = Spawn { node: node.clone(), parent: None, leader: node.leader().clone(), kind };
    let cell: Arc<dyn AnyCell> = spawn.cell::<Infallible>();
    if node.register(name.into(), &cell).is_err() {
        return discard(&*cell);
    }
    run(cell, std::future::pending::<(ExitReason, ())>());
}
