//! What a process waits for, found out by polling it once with a waker that is counted.
//!
//! A future that is to go on must keep a clone of the waker it was polled with. So a process whose futures kept as many
//! clones as it has calls waits for these calls, and for nothing else.

use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use tokio::sync::oneshot;

use super::super::current::{self, PROBING, REPORTS, WakerId};
use super::Wait;

/// What a process waits for.
#[derive(Clone, Default)]
pub(crate) struct Waiting {
    pub(super) calls: Vec<Wait>,
    /// Something else may wake it: a timer of its own, a channel, another task.
    pub(super) other: bool,
}

/// Somebody wants to know what a process waits for.
pub(crate) struct Probe(pub(super) oneshot::Sender<Waiting>);

struct Counted(Waker);

impl Wake for Counted {
    fn wake(self: Arc<Self>) {
        self.0.wake_by_ref();
    }
}

/// A call that stays pending under a probe says so. It must have kept one clone of the waker.
pub(crate) fn report(wait: impl FnOnce() -> Option<Wait>) {
    if !PROBING.get() {
        return;
    }
    REPORTS.with_borrow_mut(|reports| {
        if let Some(reports) = reports {
            reports.extend(wait());
        }
    });
}

/// Collects reports until it is dropped.
struct Collecting {
    outer: Option<Vec<Wait>>,
}

impl Collecting {
    fn begin() -> Self {
        PROBING.set(true);
        Self { outer: REPORTS.replace(Some(Vec::new())) }
    }
}

impl Drop for Collecting {
    fn drop(&mut self) {
        PROBING.set(self.outer.is_some());
        REPORTS.set(self.outer.take());
    }
}

impl Probe {
    /// Polls the running process by `poll`, and answers what it waits for if that is pending.
    pub(crate) fn poll<T>(self, waker: &Waker, poll: impl FnOnce(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
        let counted = Arc::new(Counted(waker.clone()));
        let probing = Waker::from(counted.clone());
        let _collecting = Collecting::begin();
        current::set_waker(WakerId::of(&probing));
        let polled = poll(&mut Context::from_waker(&probing));
        current::set_waker(WakerId::of(waker));
        if polled.is_pending() {
            let calls = REPORTS.take().unwrap_or_default();
            let clones = Arc::strong_count(&counted) - 2;
            drop(self.0.send(Waiting { other: clones != calls.len(), calls }));
        }
        // Polled again as usual, it forgets the probe.
        waker.wake_by_ref();
        polled
    }
}
