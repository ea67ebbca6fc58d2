//! Process groups: messages for all who have joined, and news of who joins and leaves.
//!
//! | what | where |
//! |---|---|
//! | joining, leaving, members, messages to all | [`Group`] |
//! | who joins and leaves | [`Group::monitor`], [`Group::monitor_for`], [`monitor_scope`] |
//! | which groups there are | [`which_groups`] |
//!
//! Groups belong to the [`Node`] and need no process: nothing has to be started before the first join, and nothing can
//! crash. On a node that is one of several, members of the others are members, too, those of Erlang nodes among them:
//! scopes tell each other with the messages of OTP's `pg`, each through a process that has the name of its scope. To an
//! Erlang node a group is an atom if the program names it with a constant, and a binary if its name was made at run time.
//!
//! Source: OTP pg(3).
//! Differs: in OTP a scope is a process that must be started, and its members leave some time after they have ended.
//! Groups whose names are neither atoms nor text are not seen here.

mod group;
mod group_state;
mod members;
mod message;
mod monitor;
mod peers;
mod scope;
mod server;
pub(crate) mod shared;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

pub use group::{Group, LeaveError};
pub use monitor::{Change, Monitor};

use crate::process::remote::Shape;
use crate::process::{NoNode, Node, Pid};
use monitor::Sink;
use scope::Scope;

/// Has a scope take `body` from that of another node: whether it is a message. For those who try what bytes do harm.
pub(crate) fn takes(node: &Node, body: &[u8]) -> bool {
    let mut peers = peers::Peers::new(Pid::outside(node.creation()));
    let read = |shape| node.enter(|| message::Message::read(shape, body)).ok().flatten();
    let messages = [Shape::Info, Shape::Cast].into_iter().filter_map(read);
    let taken = messages.map(|message| peers.handle(peers::Event::Came(message)));
    taken.count() > 0
}

/// The scope of a group unless another is said.
///
/// Source: OTP pg(3), `pg`.
pub const DEFAULT_SCOPE: &str = "pg";

/// The groups of `scope` that have members, in no order; none outside a node.
///
/// Source: OTP `pg:which_groups/1`.
pub fn which_groups(scope: &str) -> Vec<Arc<str>> {
    Node::current().map_or_else(Vec::new, |node| Scope::of(&node, scope).which_groups())
}

/// The groups of all scopes of a node, with their scopes and members; in no order.
pub(crate) fn all_groups(node: &Node) -> Vec<(Box<str>, Arc<str>, Vec<Pid>)> {
    let mut groups = Vec::new();
    for name in node.extensions().names::<Scope>() {
        let scope = Scope::of(node, &name);
        let members =
            |group: &Arc<str>| scope.members(group).map(|members| members.pids()).unwrap_or_default();
        groups.extend(
            scope.which_groups().into_iter().map(|group| (name.clone(), group.clone(), members(&group))),
        );
    }
    groups
}

/// The names of groups, with their members.
pub type MembersByGroup = HashMap<Arc<str>, Vec<Pid>>;

/// The groups of `scope` with their members, and a [`Monitor`] that tells who joins and leaves any group from then on.
///
/// Changes of one group come in the order in which they happened.
///
/// Source: OTP `pg:monitor_scope/1`.
///
/// # Errors
/// [`NoNode`] outside a node.
pub fn monitor_scope(scope: &str) -> Result<(MembersByGroup, Monitor), NoNode> {
    let node = Node::current().ok_or(NoNode)?;
    let scope = Scope::of(&node, scope);
    let (outbox, groups) = scope.monitor_all(node.next_reference(), Sink::Stream(Default::default()));
    Ok((groups, Monitor::new(outbox, scope)))
}
