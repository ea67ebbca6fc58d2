//! The timers of a node: one queue, one task that waits for its head.
//!
//! Deadlines of calls are nearly free: a process is queued once, and each later call of it only checks that the queue
//! will wake it early enough. It wakes early at most once per deadline length, finds the call answered, and is queued
//! again only when it calls again.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::Node;
use super::any_cell::AnyCell;
use super::clock::Clock;

/// When a timer fires, and which of those that fire then it is.
type Key = (Instant, u64);

/// The timer queue of a node.
pub(crate) struct Timers(Arc<Shared>);

struct Shared {
    clock: Clock,
    queue: Mutex<Queue>,
    running: AtomicBool,
    /// The head of the queue changed.
    changed: Notify,
}

#[derive(Default)]
struct Queue {
    entries: BTreeMap<Key, Entry>,
    next: u64,
}

enum Entry {
    /// Wake this process: a call it waits for may be past its deadline.
    Wake(Weak<dyn AnyCell>),
    Run(Box<dyn FnOnce() + Send>),
}

/// A timer that has been set; what cancels it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct TimerRef(Instant, u64);

impl Timers {
    pub(super) fn new() -> Self {
        Self(Arc::new(Shared {
            clock: Clock::new(),
            queue: Mutex::default(),
            running: AtomicBool::new(false),
            changed: Notify::new(),
        }))
    }

    /// The clock of the node.
    pub(crate) fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Makes sure that `process` is woken when the clock shows `due`, or before; never is `NEVER`.
    pub(crate) fn wake_by(&self, process: &Arc<dyn AnyCell>, due: u64) {
        let armed_until = &process.head().armed_until;
        if armed_until.load(Ordering::Relaxed) <= due {
            return;
        }
        armed_until.store(due, Ordering::Relaxed);
        if let Some(at) = self.clock().instant(due) {
            self.insert(at, Entry::Wake(Arc::downgrade(process)));
        }
    }

    fn insert(&self, at: Instant, entry: Entry) -> TimerRef {
        let (key, is_head) = {
            let mut queue = self.0.queue();
            let key = (at, queue.next);
            queue.next += 1;
            queue.entries.insert(key, entry);
            (key, queue.entries.first_key_value().is_some_and(|(head, _)| *head == key))
        };
        if is_head {
            self.0.changed.notify_one();
        }
        if !self.0.running.load(Ordering::Relaxed) && !self.0.running.swap(true, Ordering::AcqRel) {
            tokio::spawn(drive(Arc::downgrade(&self.0)));
        }
        TimerRef(key.0, key.1)
    }
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs what is due and says when the next is.
    fn fire(&self) -> Option<Instant> {
        loop {
            let entry = {
                let mut queue = self.queue();
                let (at, _) = *queue.entries.first_key_value()?.0;
                if at > Instant::now() {
                    return Some(at);
                }
                queue.entries.pop_first()?.1
            };
            match entry {
                Entry::Wake(process) => {
                    if let Some(process) = process.upgrade() {
                        process.head().armed_until.store(u64::MAX, Ordering::Relaxed);
                        process.wake();
                    }
                }
                Entry::Run(run) => run(),
            }
        }
    }
}

/// Waits for the head of the queue until the node is gone.
async fn drive(timers: Weak<Shared>) {
    while let Some(shared) = timers.upgrade() {
        let next = shared.fire();
        let changed = shared.changed.notified();
        match next {
            Some(at) => drop(tokio::time::timeout_at(at, changed).await),
            // Bounded, so that the task ends some time after its node.
            None => drop(tokio::time::timeout(IDLE, changed).await),
        }
    }
}

/// How often an empty queue looks whether its node still exists.
const IDLE: Duration = Duration::from_secs(3600);

impl Node {
    /// Runs `action` after `delay`, on the timer task: it must be short and must not block.
    pub(crate) fn run_after(&self, delay: Duration, action: impl FnOnce() + Send + 'static) -> TimerRef {
        self.timers().insert(Instant::now() + delay, Entry::Run(Box::new(action)))
    }

    /// Cancels a timer and says whether it had yet to fire.
    ///
    /// Source: OTP `erlang:cancel_timer/1`.
    pub fn cancel_timer(&self, timer: TimerRef) -> bool {
        self.timers().0.queue().entries.remove(&(timer.0, timer.1)).is_some()
    }
}
