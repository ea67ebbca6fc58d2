//! Waiting for the end of a process.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::ExitReason;
use super::any_cell::AnyCell;

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
