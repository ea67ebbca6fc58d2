//! How long an owner waits.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

use crate::process;

/// How long a task is waited for unless told otherwise.
///
/// Source: Elixir `Task.await/2`, 5000 ms.
const DEFAULT_LIMIT: Duration = Duration::from_secs(5);

/// A time to wait, which begins with the first poll and never goes past the deadline of the call that is being answered.
pub(super) struct Limit {
    /// Nothing for `infinity`.
    wait: Option<Duration>,
    phase: Phase,
}

enum Phase {
    NotBegun,
    Endless,
    Until(Pin<Box<Sleep>>),
}

impl Limit {
    pub(super) const fn new() -> Self {
        Self::of(Some(DEFAULT_LIMIT))
    }

    pub(super) const fn of(wait: Option<Duration>) -> Self {
        Self { wait, phase: Phase::NotBegun }
    }

    /// Ready once the time is up; the next poll begins anew.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Phase::NotBegun = self.phase {
            self.phase = self.begin();
        }
        match &mut self.phase {
            Phase::Until(sleep) => sleep.as_mut().poll(cx).map(|()| self.phase = Phase::NotBegun),
            Phase::NotBegun | Phase::Endless => Poll::Pending,
        }
    }

    fn begin(&self) -> Phase {
        let own = self.wait.and_then(|wait| Instant::now().checked_add(wait));
        match [own, process::deadline()].into_iter().flatten().min() {
            Some(at) => Phase::Until(Box::pin(sleep_until(at))),
            None => Phase::Endless,
        }
    }
}
