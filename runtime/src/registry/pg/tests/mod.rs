//! What groups promise, each promise one test.

mod far;
mod groups;
mod histories;
mod monitors;
mod peers;

use crate::process::{Node, Pid, kill, spawn, wait_exit};
use crate::registry::{Address, Client, Protocol};

/// A protocol of numbers, as a macro would make it; the layers above this one are not needed here.
pub(super) struct Number;

impl Protocol for Number {
    type Message = u32;
    type Client = NumberClient;
}

pub(super) struct NumberClient(Address<Number>);

impl Client<Number> for NumberClient {
    fn new(address: Address<Number>) -> Self {
        Self(address)
    }

    fn address(&self) -> &Address<Number> {
        &self.0
    }
}

/// Runs `body` in a fresh node.
pub(super) fn on_node<T>(body: impl AsyncFnOnce(Node) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let node = Node::new("test");
    runtime.expect("a tokio runtime").block_on(node.scope(body(node.clone())))
}

pub(super) fn process() -> Pid {
    spawn(std::future::pending::<()>()).expect("a node")
}

pub(super) async fn end(pid: Pid) {
    kill(pid);
    wait_exit(pid).await;
}

pub(super) fn sorted(mut pids: Vec<Pid>) -> Vec<Pid> {
    pids.sort_unstable();
    pids
}
