//! The timers of a node: one queue, one task that waits for its head.
//!
//! Deadlines of calls are nearly free: a process is queued once, and each later call of it only checks that the queue
//! will wake it early enough. It wakes early at most once per deadline length, finds the call answered, and is queued
//! again only when it calls again.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::Node;
use super::any_cell::AnyCell;
use super::clock::Clock;
use super::own_timers::OwnTimers;
use super::panic::attempt;
use super::sync::{AtomicBool, Mutex, MutexGuard};

/// When a timer fires, and which of those that fire then it is.
type Key = (Instant, u64);

/// The timer queue of a node.
pub(crate) struct Timers(pub(super) Arc<Shared>);

pub(super) struct Shared {
    clock: Clock,
    queue: Mutex<Queue>,
    running: AtomicBool,
    /// The head of the queue changed.
    pub(super) changed: Notify,
}

#[derive(Default)]
struct Queue {
    entries: BTreeMap<Key, Entry>,
    next: u64,
}

enum Entry {
    /// Wake this process: a call it waits for may be past its deadline.
    Wake(Weak<dyn AnyCell>),
    Run {
        action: Box<dyn FnOnce() + Send>,
        /// Where it is kept, if it ends with a process.
        owner: Option<Arc<OwnTimers>>,
    },
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
            tokio::spawn(drive(Driving(Arc::downgrade(&self.0))));
        }
        TimerRef(key.0, key.1)
    }
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Cancels `timer` and says whether it had yet to fire.
    pub(super) fn cancel(&self, timer: TimerRef) -> bool {
        let entry = self.queue().entries.remove(&(timer.0, timer.1));
        // Dropped without the lock: what it would have sent is the user's.
        entry.is_some_and(|entry| {
            entry.forget(timer);
            true
        })
    }

    /// Runs what is due at `now` and says when the next is.
    pub(super) fn fire(&self, now: Instant) -> Option<Instant> {
        loop {
            let ((at, number), entry) = {
                let mut queue = self.queue();
                let (at, _) = *queue.entries.first_key_value()?.0;
                if at > now {
                    return Some(at);
                }
                queue.entries.pop_first()?
            };
            entry.forget(TimerRef(at, number));
            match entry {
                Entry::Wake(process) => {
                    if let Some(process) = process.upgrade() {
                        process.head().armed_until.store(u64::MAX, Ordering::Relaxed);
                        process.wake();
                    }
                }
                Entry::Run { action, .. } => {
                    // It may copy, convert, or drop what a user has made, and all timers of the node are fired here.
                    if let Err(panic) = attempt(action) {
                        tracing::error!("a timer panicked at {}: {}", panic.location, panic.message);
                    }
                }
            }
        }
    }
}

impl Entry {
    /// It is the timer `timer`, and in the queue no longer.
    fn forget(&self, timer: TimerRef) {
        if let Self::Run { owner: Some(owner), .. } = self {
            owner.forget(timer);
        }
    }
}

/// Held by the task that waits. When its runtime goes away under it, the next timer starts another one.
struct Driving(Weak<Shared>);

impl Drop for Driving {
    fn drop(&mut self) {
        if let Some(shared) = self.0.upgrade() {
            shared.running.store(false, Ordering::Release);
        }
    }
}

/// Waits for the head of the queue until the node is gone.
async fn drive(timers: Driving) {
    while let Some(shared) = timers.0.upgrade() {
        let next = shared.fire(Instant::now());
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

/// A moment that does not come, for delays that no clock can show.
const NOT_IN_THIS_LIFE: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// When `delay` has passed since `begin`, or so late that nobody will know.
pub(crate) fn later(begin: Instant, delay: Duration) -> Instant {
    begin.checked_add(delay).unwrap_or_else(|| begin + NOT_IN_THIS_LIFE)
}

impl Node {
    /// Runs `action` after `delay`, on the timer task: it must be short and must not block.
    pub(crate) fn run_after(&self, delay: Duration, action: impl FnOnce() + Send + 'static) -> TimerRef {
        let entry = Entry::Run { action: Box::new(action), owner: None };
        self.timers().insert(later(Instant::now(), delay), entry)
    }

    /// As [`run_after`](Self::run_after), but at `at`, and the end of `process` cancels it.
    pub(crate) fn run_for(
        &self,
        process: &dyn AnyCell,
        at: Instant,
        action: impl FnOnce() + Send + 'static,
    ) -> TimerRef {
        let timers = self.timers();
        let owner = OwnTimers::of(process, &timers.0);
        let timer = owner.and_then(|owner| {
            let entry = Entry::Run { action: Box::new(action), owner: Some(owner.clone()) };
            owner.keep(|| timers.insert(at, entry))
        });
        // Has ended: a timer for nobody, as good as fired.
        timer.unwrap_or(TimerRef(at, u64::MAX))
    }

    /// Cancels a timer and says whether it had yet to fire.
    ///
    /// Source: OTP `erlang:cancel_timer/1`.
    pub fn cancel_timer(&self, timer: TimerRef) -> bool {
        self.timers().0.cancel(timer)
    }
}
