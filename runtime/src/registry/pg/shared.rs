//! Which scopes other nodes see: all, once this node is one of several.

use std::sync::{Arc, OnceLock};

use tokio::runtime::Handle;

use super::DEFAULT_SCOPE;
use super::scope::Scope;
use super::server;
use crate::process::Node;

/// Where the processes of scopes run, once there are other nodes.
#[derive(Default)]
struct Shared(OnceLock<Handle>);

/// Shares the groups of `node` with others: those of the [default scope](DEFAULT_SCOPE) from now on, those of another
/// scope from its next use. Called once the node has its way to others, in the tokio runtime that is to run it.
pub(crate) fn share_groups(node: &Node) {
    let shared: Arc<Shared> = node.extensions().get("");
    let _first = shared.0.set(Handle::current());
    // Others may ask for it although nobody here does.
    Scope::of(node, DEFAULT_SCOPE);
}

/// Starts the process of a scope, if it is to be shared and has none.
pub(super) fn share(node: &Node, name: &str, scope: &Arc<Scope>) {
    let shared: Arc<Shared> = node.extensions().get("");
    if let Some(runtime) = shared.0.get()
        && scope.begin_to_share()
    {
        server::start(node, name, scope, runtime);
    }
}
