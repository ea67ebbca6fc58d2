//! Waiting no longer than a deadline, nearly for free when a process waits.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::time::{Instant, Sleep};

use crate::process::{Current, WakerId, running};

/// The deadline of one call.
pub(super) struct Deadline {
    at: Instant,
    /// Only when the caller is not polled by its process's own task, so that only a timer of its own can wake it.
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Deadline {
    pub(super) fn new(at: Instant) -> Self {
        Self { at, sleep: None }
    }

    /// Ready once the deadline has passed; pending sees to it that the caller is polled again by then.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.sleep.is_none() && self.has_passed() {
            return Poll::Ready(());
        }
        self.poll_alarm(cx)
    }

    pub(super) fn has_passed(&self) -> bool {
        Instant::now() >= self.at
    }

    /// Sees to it that the caller is polled again by then; for a deadline that is known to lie ahead.
    pub(super) fn arm(&mut self, cx: &mut Context<'_>) {
        if self.poll_alarm(cx).is_ready() {
            cx.waker().wake_by_ref();
        }
    }

    fn poll_alarm(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(sleep) = &mut self.sleep {
            return sleep.as_mut().poll(cx);
        }
        let armed = running::with(|current| match current {
            // A wake-up of the task reaches this future only if nothing in between has its own waker.
            Some(Current::Process { cell, waker, .. }) if *waker == WakerId::of(cx.waker()) => {
                cell.head().node.timers().wake_by(cell, self.at);
                true
            }
            Some(Current::Process { .. } | Current::Node(_)) | None => false,
        });
        if armed {
            return Poll::Pending;
        }
        self.sleep.insert(Box::pin(tokio::time::sleep_until(self.at))).as_mut().poll(cx)
    }
}
