//! What nodes of Erlang and Elixir ask of any node, besides talking to its servers.
//!
//! | asked | here |
//! |---|---|
//! | `rpc:call`, `erpc:call`, and their likes, of functions that were [exported](crate::process::Node::export) | `erpc`, `rex`, `apply` |
//! | `sys:get_state` and its likes | `system`; by `rpc:call`: `sys` |
//! | `supervisor:which_children`, `application:which_applications` | `system`, `applications` |
//! | `erlang:process_info`, `erlang:processes` | `inspect` |
//! | what `observer` asks | `observer` |
//!
//! Whoever has the cookie may run what was exported, and nothing else; `[umbrella.node.access]` narrows it down. Looking into
//! the node is a switch of its own: [`Introspection`].
//!
//! Terms in, terms out: none of it knows how they came.

mod applications;
mod apply;
mod children;
mod erpc;
mod identity;
mod inspect;
mod observer;
mod registered;
mod reply;
mod rex;
mod sys;
mod system;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::time::Instant;

pub(crate) use children::children_of;
pub(crate) use observer::{members, root};

use crate::process::Node;

/// Whether other nodes may look into this one: its processes, its supervisors, the states of its servers.
///
/// Differs: an OTP node can always be looked into by whoever knows the cookie.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Introspection {
    /// As any node of Erlang; `observer` works.
    On,
    /// Only what was exported can be called.
    Off,
}

/// What is kept of it in a node.
#[derive(Default)]
struct Asked {
    introspection: AtomicBool,
    since: OnceLock<Instant>,
    /// How many bytes of memory the program has, if that can be told.
    memory: OnceLock<fn() -> u64>,
}

impl Asked {
    fn of(node: &Node) -> Arc<Self> {
        node.extensions().get("")
    }

    fn may_look(&self) -> bool {
        self.introspection.load(Ordering::Relaxed)
    }

    fn uptime(&self) -> Duration {
        self.since.get().map_or(Duration::ZERO, Instant::elapsed)
    }

    fn memory(&self) -> u64 {
        self.memory.get().map_or(0, |memory| memory())
    }
}

/// Has `node` answer what nodes of Erlang and Elixir ask. To be called in a tokio runtime; what runs already goes on.
///
/// Source: the servers that `kernel` starts on every node: `rex`, `application_controller`.
pub fn start(node: &Node, introspection: Introspection) {
    let asked = Asked::of(node);
    asked.introspection.store(introspection == Introspection::On, Ordering::Relaxed);
    // The first time counts.
    let _since = asked.since.get_or_init(Instant::now);
    node.set_system(Arc::new(system::SystemMessages));
    erpc::export(node);
    observer::export(node);
    rex::start(node);
    applications::start(node);
}

/// How many bytes of memory the program has; 0 if that is not known.
pub(crate) fn memory(node: &Node) -> u64 {
    Asked::of(node).memory()
}

/// Has `node` answer with `memory` how many bytes of memory the program has; only the first one counts.
pub(crate) fn measure_memory(node: &Node, memory: fn() -> u64) {
    let _first = Asked::of(node).memory.set(memory);
}
