//! Resident memory of an idle server.

use umbrella::prelude::*;

use crate::ours::Counter;
use crate::{bare, runtime};

pub(crate) const SERVERS: usize = 100_000;

pub(crate) fn bare() -> usize {
    runtime().block_on(async {
        let before = resident();
        let mut senders = Vec::with_capacity(SERVERS);
        for _ in 0..SERVERS {
            let (sender, receiver) = tokio::sync::mpsc::unbounded_channel();
            tokio::spawn(bare::server(receiver));
            senders.push(sender);
        }
        tokio::task::yield_now().await;
        (resident() - before) / SERVERS
    })
}

pub(crate) fn ours() -> usize {
    let node = Node::new("memory");
    runtime().block_on(node.scope(async {
        let before = resident();
        let mut servers = Vec::with_capacity(SERVERS);
        for _ in 0..SERVERS {
            servers.push(Counter::start(()).await.unwrap());
        }
        (resident() - before) / SERVERS
    }))
}

/// Bytes of this process in memory, by `/proc/self/statm`.
pub(crate) fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 4096
}
