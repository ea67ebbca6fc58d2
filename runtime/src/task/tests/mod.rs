//! What tasks promise, each promise one test.

mod awaiting;
mod reports;
mod streams;
mod supervised;
mod supervised_streams;

use std::time::Duration;

use tokio::sync::oneshot;

use crate::process::{Node, spawn};

pub(super) const SECOND: Duration = Duration::from_secs(1);

/// Lets time pass, on a clock that stands still while anybody has something to do.
pub(super) async fn seconds(n: u32) {
    tokio::time::sleep(n * SECOND).await;
}

/// Runs `body` in a fresh node with a paused clock.
pub(super) fn on_node<T>(body: impl AsyncFnOnce(Node) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    let node = Node::new("test");
    runtime.expect("a tokio runtime").block_on(node.scope(body(node.clone())))
}

/// Runs `body` as a process and answers what it came to, or nothing if the process ended before.
pub(super) async fn process<T, F>(body: impl FnOnce() -> F + Send + 'static) -> Option<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send,
{
    let (sender, answer) = oneshot::channel();
    let run = async move {
        let _nobody_waits = sender.send(body().await);
    };
    spawn(run).expect("a node");
    answer.await.ok()
}

/// Runs `body` as a process of a fresh node and answers what it came to.
pub(super) fn in_process<T, F>(body: impl FnOnce() -> F + Send + 'static) -> T
where
    T: Send + 'static,
    F: Future<Output = T> + Send,
{
    on_node(async move |_| process(body).await.expect("the process ended before it was done"))
}
