//! Waiting for the end of a process.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use tokio::sync::oneshot;

use super::any_cell::AnyCell;
use super::{ExitReason, Node, NotAProcess, Pid, Signal, link::watch_from, receive, remote::Far, spawn};

/// Resolves with the reason once `process` has ended and its links and monitors have been told.
///
/// # Cancel safety
/// Dropping it only stops the waiting.
pub(crate) struct WaitExit {
    process: Arc<dyn AnyCell>,
    registered: Option<Waker>,
}

impl WaitExit {
    pub(crate) fn new(process: Arc<dyn AnyCell>) -> Self {
        Self { process, registered: None }
    }
}

impl Future for WaitExit {
    type Output = ExitReason;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<ExitReason> {
        let Self { process, registered } = self.get_mut();
        process.poll_exit(cx.waker(), registered)
    }
}

impl Drop for WaitExit {
    fn drop(&mut self) {
        if let Some(waker) = self.registered.take() {
            self.process.not_awaited(&waker);
        }
    }
}

/// Waits for the end of `pid`, a process of another node.
///
/// A monitor is a process's, and whoever waits need not be one: a process of its own holds it.
///
/// # Cancel safety
/// Dropping it ends that process.
pub(super) async fn wait_far_exit(node: &Node, pid: Pid) -> ExitReason {
    let (told, is_told) = oneshot::channel();
    let watch = async move {
        if let Signal::Down(down) = receive().await? {
            let _waits_no_more = told.send(down.reason);
        }
        Ok::<_, NotAProcess>(())
    };
    let Ok(watcher) = node.enter(|| spawn(watch)) else { return ExitReason::NoConnection };
    let _watching = Watching { node: node.clone(), watcher };
    if let Some(watcher) = node.process(watcher) {
        // Now, not when it runs for the first time.
        watch_from(&*watcher, Far::Pid(pid));
    }
    is_told.await.unwrap_or(ExitReason::NoConnection)
}

struct Watching {
    node: Node,
    watcher: Pid,
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.node.kill(self.watcher);
    }
}
