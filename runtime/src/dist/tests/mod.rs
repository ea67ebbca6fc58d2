//! Two nodes and more in one program, over sockets and over a simulated network.

mod access;
mod aliases;
mod atoms;
mod cancels;
mod cluster;
mod echo;
mod erlang;
mod faults;
mod groups;
mod hostile;
mod native;
mod network;
mod pairs;
mod routes;
mod strangers;
mod versions;

use std::net::Ipv4Addr;

use super::{Address, Cookie, Distribution, Options, Table};
use crate::process::Node;
use std::sync::Arc;

/// A node that is distributed.
struct Member {
    node: Node,
    name: String,
    distribution: Distribution,
}

/// Distributes a node over TCP, and says in `table` where it is.
async fn member(name: &str, table: &Table) -> Member {
    let node = Node::new(name);
    let full = format!("{name}@127.0.0.1");
    let options =
        Options { resolver: Arc::new(table.clone()), ..Options::new(full.as_str(), Cookie::new("secret")) };
    let distribution = Distribution::start(&node, options).await.expect("starts");
    table.insert(&full, [Address::tcp((Ipv4Addr::LOCALHOST, distribution.ports()[0]))]);
    Member { node, name: full, distribution }
}

fn block_on<T>(body: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a tokio runtime").block_on(body)
}
