//! Waiting no longer than a deadline, nearly for free when a process waits.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::Sleep;

use crate::process::{Clock, Current, Node, Now, Occasion, WakerId, running};

/// When a process that still waits is looked into: it may be part of a cycle.
const LOOK_AFTER: Duration = Duration::from_secs(1);

/// The deadline of one call, and what else is due while it waits; on the clock of the callee's node.
pub(super) struct Deadline {
    /// Or `NEVER`.
    due: u64,
    /// When to look for a cycle; only before the deadline.
    look: Option<u64>,
    /// Only when the caller is not polled by its process's own task, so that only a timer of its own can wake it.
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Deadline {
    pub(super) fn new(due: u64) -> Self {
        Self { due, look: None, sleep: None }
    }

    /// Has the waiting process looked into after a while from `now`.
    pub(super) fn look_later(&mut self, now: Now) {
        self.look = Some(now.after(LOOK_AFTER)).filter(|look| *look < self.due);
    }

    /// Ready once the deadline has passed; pending sees to it that the caller is polled again by then.
    pub(super) fn poll(&mut self, callee: &Node, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let next = self.look.unwrap_or(self.due);
            if callee.clock().has_passed(next) {
                if self.look.take().is_none() {
                    return Poll::Ready(());
                }
                look_into_myself();
            } else if self.poll_alarm(next, callee, cx).is_pending() {
                return Poll::Pending;
            }
        }
    }

    pub(super) fn has_passed(&self, clock: &Clock) -> bool {
        clock.has_passed(self.due)
    }

    /// Sees to it that the caller is polled again by then; for a deadline that is known to lie ahead.
    pub(super) fn arm(&mut self, current: Option<&Current>, callee: &Node, cx: &mut Context<'_>) {
        let next = self.look.unwrap_or(self.due);
        if !wake_by(current, next, callee, cx) && self.poll_sleep(next, callee, cx).is_ready() {
            cx.waker().wake_by_ref();
        }
    }

    fn poll_alarm(&mut self, next: u64, callee: &Node, cx: &mut Context<'_>) -> Poll<()> {
        if self.sleep.is_none() && running::with(|current| wake_by(current, next, callee, cx)) {
            return Poll::Pending;
        }
        self.poll_sleep(next, callee, cx)
    }

    fn poll_sleep(&mut self, next: u64, callee: &Node, cx: &mut Context<'_>) -> Poll<()> {
        let Some(next) = callee.clock().instant(next) else { return Poll::Pending };
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(next)));
        if sleep.deadline() != next {
            sleep.as_mut().reset(next);
        }
        sleep.as_mut().poll(cx)
    }
}

/// Has the running process woken by its node's timer, if that is who polls.
fn wake_by(current: Option<&Current>, due: u64, callee: &Node, cx: &Context<'_>) -> bool {
    match current {
        // A wake-up of the task reaches this future only if nothing in between has its own waker.
        Some(Current::Process { cell, waker, .. }) if waker.get() == WakerId::of(cx.waker()) => {
            let node = &cell.head().node;
            node.timers().wake_by(cell, callee.clock().show(due, node.clock()));
            true
        }
        Some(Current::Process { .. } | Current::Node(_)) | None => false,
    }
}

fn look_into_myself() {
    running::with(|current| {
        if let Some(Current::Process { cell, .. }) = current {
            let head = cell.head();
            head.node.look_into(head.pid, Occasion::Waits);
        }
    });
}
