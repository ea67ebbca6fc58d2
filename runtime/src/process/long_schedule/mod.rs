//! Processes that do not give way.
//!
//! A handler that computes for long, or waits without awaiting, holds the thread that it runs on: what tokio has queued
//! there behind it must be taken by other threads, and it can be neither killed nor looked into.
//! Each node has a thread that looks at what the others run, and names the process, its handler, and for how long.
//! It costs three writes to a line of memory of the thread's own whenever a process is polled.
//!
//! Target `umbrella::long_schedule`, level warn: when found, whenever it has gone on for twice as long, and at the end.
//!
//! | field | what it is |
//! |---|---|
//! | `application`, `process`, `pid` | who |
//! | `handler` | the callback that does not give way |
//! | `milliseconds` | for how long at least |
//! | `ended` | whether it gave way at last |
//!
//! Source: OTP `erlang:system_monitor/2`, `long_schedule`.

mod look;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use look::{Finding, Looks, Seen};

use super::Pid;
use super::node::{Node, WeakNode};

/// How long a process may run without giving way until it is reported.
///
/// Source: none; OTP reports none unless asked. EMQX, which asks, has 240 ms.
const LONG_SCHEDULE: Duration = Duration::from_millis(250);

/// How often the threads of a node are looked at that has done nothing since the last time.
const IDLE: Duration = Duration::from_secs(1);

/// The watch of a node.
pub(crate) struct Watch {
    shared: Arc<Shared>,
    watcher: OnceLock<Option<Thread>>,
}

struct Shared {
    /// What each thread runs that has run a process of the node.
    threads: Mutex<Vec<(Arc<Running>, Looks)>>,
    /// Nanoseconds; nothing is reported for 0.
    threshold: AtomicU64,
    /// The node is gone.
    is_over: AtomicBool,
}

/// What one thread runs of one node; written by that thread only.
struct Running {
    /// The watch of the node.
    by: Arc<Shared>,
    /// The place and serial of a process, or 0.
    process: AtomicU64,
    turn: AtomicU64,
}

impl Running {
    /// The process `pid` has a turn; gives who had it.
    fn begin(&self, pid: Pid) -> u64 {
        let outer = self.process.load(Ordering::Relaxed);
        self.process.store(number(pid), Ordering::Relaxed);
        let turn = self.turn.load(Ordering::Relaxed);
        self.turn.store(turn.wrapping_add(1), Ordering::Release);
        outer
    }

    fn seen(&self) -> Seen {
        let turn = self.turn.load(Ordering::Acquire);
        let process = self.process.load(Ordering::Relaxed);
        Seen { turn, process: Some(process).filter(|process| *process != 0) }
    }
}

/// What a thread runs, of each of its nodes.
pub(super) struct Watches {
    /// Of the node that runs, or ran last.
    current: RefCell<Option<Arc<Running>>>,
    others: RefCell<Vec<Arc<Running>>>,
}

/// A turn of a process.
pub(super) struct Turn {
    /// Whose turn it was, of the same node.
    outer: u64,
    /// What the thread ran, of another node.
    back: Option<Arc<Running>>,
}

impl Watches {
    pub(super) const fn new() -> Self {
        Self { current: RefCell::new(None), others: RefCell::new(Vec::new()) }
    }

    /// The process `pid` of `node` has a turn until [`end`](Self::end).
    #[inline]
    pub(super) fn begin(&self, node: &Node, pid: Pid) -> Turn {
        if let Some(running) = &*self.current.borrow()
            && Arc::ptr_eq(&running.by, &node.watch().shared)
        {
            return Turn { outer: running.begin(pid), back: None };
        }
        self.begin_elsewhere(node, pid)
    }

    #[cold]
    fn begin_elsewhere(&self, node: &Node, pid: Pid) -> Turn {
        let mut others = self.others.borrow_mut();
        // A node that is gone runs nothing any more.
        others.retain(|other| !other.by.is_over.load(Ordering::Relaxed));
        let known = others.iter().position(|other| Arc::ptr_eq(&other.by, &node.watch().shared));
        let running = known.map_or_else(|| node.watch().join(node), |at| others.swap_remove(at));
        let outer = running.begin(pid);
        let back = self.current.replace(Some(running)).and_then(|last| {
            let is_running = last.process.load(Ordering::Relaxed) != 0;
            if is_running {
                return Some(last);
            }
            others.push(last);
            None
        });
        Turn { outer, back }
    }

    #[inline]
    pub(super) fn end(&self, turn: Turn) {
        if let Some(running) = &*self.current.borrow() {
            running.process.store(turn.outer, Ordering::Relaxed);
        }
        if let Some(back) = turn.back {
            self.go_back(back);
        }
    }

    #[cold]
    fn go_back(&self, back: Arc<Running>) {
        self.others.borrow_mut().extend(self.current.replace(Some(back)));
    }
}

impl Watch {
    pub(super) fn new() -> Self {
        let threshold = AtomicU64::new(nanos(LONG_SCHEDULE));
        Self {
            shared: Arc::new(Shared {
                threads: Mutex::default(),
                threshold,
                is_over: AtomicBool::new(false),
            }),
            watcher: OnceLock::new(),
        }
    }

    /// Reports what runs for longer than `threshold`, or nothing for none.
    pub(super) fn set_threshold(&self, threshold: Option<Duration>) {
        self.shared.threshold.store(threshold.map_or(0, nanos), Ordering::Relaxed);
        if let Some(Some(watcher)) = self.watcher.get() {
            watcher.unpark();
        }
    }

    /// Has this thread watched, which runs a process of `node` for the first time.
    fn join(&self, node: &Node) -> Arc<Running> {
        let (process, turn) = (AtomicU64::new(0), AtomicU64::new(0));
        let running = Arc::new(Running { by: self.shared.clone(), process, turn });
        self.shared.threads().push((running.clone(), Looks::default()));
        self.watcher.get_or_init(|| {
            let (shared, node) = (self.shared.clone(), node.downgrade());
            let dispatch = tracing::dispatcher::get_default(tracing::Dispatch::clone);
            let watcher = thread::Builder::new()
                .name("long-schedule".to_owned())
                .spawn(move || tracing::dispatcher::with_default(&dispatch, || watch(&shared, &node)));
            match watcher {
                Ok(watcher) => Some(watcher.thread().clone()),
                Err(error) => {
                    tracing::warn!(
                        target: "umbrella::long_schedule",
                        "cannot watch for handlers that do not give way: failed to start a thread: {error}"
                    );
                    None
                }
            }
        });
        running
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Relaxed);
        // They hold what holds them.
        self.shared.threads().clear();
        if let Some(Some(watcher)) = self.watcher.get() {
            watcher.unpark();
        }
    }
}

impl Shared {
    fn threads(&self) -> MutexGuard<'_, Vec<(Arc<Running>, Looks)>> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn threshold(&self) -> Option<Duration> {
        Some(self.threshold.load(Ordering::Relaxed)).filter(|nanos| *nanos != 0).map(Duration::from_nanos)
    }

    /// What is to be said of each thread, and whether none did anything.
    fn look(&self, now: Duration, threshold: Duration) -> (Vec<Finding>, bool) {
        let mut threads = self.threads();
        // A thread that has ended, or has forgotten the node, runs nothing any more.
        threads.retain(|(running, _)| Arc::strong_count(running) > 1);
        let mut is_idle = true;
        let mut findings = Vec::new();
        for (running, looks) in threads.iter_mut() {
            let seen = running.seen();
            let (is_new, finding) = looks.look(seen, now, threshold);
            is_idle &= !is_new && seen.process.is_none();
            findings.extend(finding);
        }
        (findings, is_idle)
    }
}

/// Looks at the threads of a node until it is gone.
fn watch(shared: &Shared, node: &WeakNode) {
    let began = Instant::now();
    while !shared.is_over.load(Ordering::Relaxed) {
        let pause = match shared.threshold() {
            None => IDLE,
            Some(threshold) => {
                let (findings, is_idle) = shared.look(began.elapsed(), threshold);
                findings.into_iter().for_each(|finding| report(node, finding));
                // Twice in the time, so that a turn is found before it is one and a half times as long.
                if is_idle { IDLE } else { (threshold / 2).min(IDLE) }
            }
        };
        thread::park_timeout(pause);
    }
}

fn report(node: &WeakNode, finding: Finding) {
    let (process, time, ended) = match finding {
        Finding::Goes { process, on } => (process, on, false),
        Finding::Ended { process, after } => (process, after, true),
    };
    let Some(node) = node.upgrade() else { return };
    let Some(process) = pid(process, node.creation()).and_then(|pid| node.process(pid)) else { return };
    let (head, name) = (process.head(), process.display_name());
    // By its end it does something else already.
    let handler = process.handler().filter(|_| !ended);
    let milliseconds = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let does = if ended { "gave way after" } else { "has not given way for" };
    tracing::warn!(
        target: "umbrella::long_schedule",
        application = head.leader.name(),
        process = &*name,
        pid = %head.pid,
        handler,
        milliseconds,
        ended,
        "{name} {} {does} {milliseconds} ms{}{}", head.pid,
        handler.map_or_else(String::new, |handler| format!(" in {handler}")),
        if ended { "" } else { "; what blocks or computes for long belongs into tokio::task::spawn_blocking" },
    );
}

/// A pid of this node in a word that is not 0.
fn number(pid: Pid) -> u64 {
    u64::from(pid.id()) << 32 | u64::from(pid.serial())
}

fn pid(number: u64, creation: u32) -> Option<Pid> {
    let (id, serial) = ((number >> 32) as u32, number as u32);
    Some(Pid::local(NonZeroU32::new(id)?, serial, creation))
}

fn nanos(time: Duration) -> u64 {
    // Nothing is as long as 584 years.
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
