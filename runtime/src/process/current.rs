//! Who is running: found through the running task, never through a global.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::task::Waker;

use super::any_cell::AnyCell;
use super::control::Lane;
use super::deadline::{NEVER, Time};
use super::long_schedule::Watches;
use super::sync;
use super::waits::Wait;
use super::{Node, Pid};

/// Who runs on this thread right now.
pub(crate) enum Current {
    /// A process, and what its task's waker looks like.
    Process {
        cell: Arc<dyn AnyCell>,
        waker: Cell<WakerId>,
        /// What [`Running::due`] was when the process last waited.
        due: u64,
    },
    /// Code that belongs to a node without being a process.
    Node(Node),
}

impl Current {
    /// The process of `cell`, not polled yet, and working for nobody.
    pub(super) fn process(cell: Arc<dyn AnyCell>) -> Self {
        Self::Process { cell, waker: Cell::new(WakerId::UNKNOWN), due: NEVER }
    }

    /// The process, if it is one.
    pub(crate) fn cell(&self) -> Option<&Arc<dyn AnyCell>> {
        match self {
            Self::Process { cell, .. } => Some(cell),
            Self::Node(_) => None,
        }
    }

    pub(crate) fn node(&self) -> &Node {
        match self {
            Self::Process { cell, .. } => &cell.head().node,
            Self::Node(node) => node,
        }
    }
}

/// Tells the waker of a task from those that combinators put before it, without holding it.
///
/// The address is that of the task, which is alive while it is compared, so no other waker can have it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct WakerId(usize);

impl WakerId {
    /// Of a task that has not been polled yet.
    pub(crate) const UNKNOWN: Self = Self(0);

    pub(crate) fn of(waker: &Waker) -> Self {
        Self(waker.data().addr())
    }
}

/// What a thread runs.
pub(super) struct Running {
    current: RefCell<Option<Current>>,
    /// Until when the caller waits for whom the running process works, on the clock of its node; or `NEVER`. Beside
    /// `current`, since it is looked at and changed with every call.
    pub(super) due: Cell<u64>,
    /// Where it is seen that a process does not give way.
    watches: Watches,
    /// What it knows of the time; forgotten whenever another is entered, or the same one after it waited.
    pub(super) time: Cell<Time>,
}

sync::thread_local! {
    pub(super) static RUNNING: Running = const {
        Running {
            current: RefCell::new(None),
            watches: Watches::new(),
            due: Cell::new(NEVER),
            time: Cell::new(Time::Unknown),
        }
    };
}

thread_local! {
    /// Messages are being dropped for want of room.
    static DISCARDING: Cell<bool> = const { Cell::new(false) };
    /// What a panic dropped in the process that runs.
    static UNWOUND: RefCell<Vec<Box<dyn Any>>> = const { RefCell::new(Vec::new()) };
    /// What a process waits for is being found out.
    pub(super) static PROBING: Cell<bool> = const { Cell::new(false) };
    /// The calls that it waits for, meanwhile.
    pub(super) static REPORTS: RefCell<Option<Vec<Wait>>> = const { RefCell::new(None) };
}

/// Runs `f`, which must not unwind, as `this`, which is moved to the thread and back, so that no counter is touched.
pub(crate) fn run_as<T>(this: &mut Option<Current>, f: impl FnOnce() -> T) -> T {
    RUNNING.with(|running| {
        running.time.set(Time::Unknown);
        let (due, turn) = match this {
            Some(Current::Process { cell, due, .. }) => {
                let head = cell.head();
                (*due, Some(running.watches.begin(&head.node, head.pid)))
            }
            Some(Current::Node(_)) | None => (NEVER, None),
        };
        let outer_due = running.due.replace(due);
        let outer = running.current.replace(this.take());
        let result = f();
        *this = running.current.replace(outer);
        let due_now = running.due.replace(outer_due);
        if let Some(Current::Process { due, .. }) = this {
            *due = due_now;
        }
        if let Some(turn) = turn {
            running.watches.end(turn);
        }
        result
    })
}

/// Makes `current` the running one until the guard is dropped.
pub(crate) fn enter(current: Current) -> Entered {
    RUNNING.with(|running| {
        running.time.set(Time::Unknown);
        Entered { outer: running.current.replace(Some(current)), due: running.due.replace(NEVER) }
    })
}

/// Restores who ran before; see [`enter`].
pub(crate) struct Entered {
    outer: Option<Current>,
    due: u64,
}

impl Drop for Entered {
    fn drop(&mut self) {
        let current = RUNNING.with(|running| {
            running.due.set(self.due);
            running.current.replace(self.outer.take())
        });
        drop(current);
    }
}

pub(crate) fn with<T>(f: impl FnOnce(Option<&Current>) -> T) -> T {
    RUNNING.with(|running| f(running.current.borrow().as_ref()))
}

/// Drops messages for which there is no room, so that calls among them say so.
pub(super) fn discard<T>(messages: Vec<T>) {
    if !messages.is_empty() {
        let _discarding = Discarding { outer: DISCARDING.replace(true) };
        drop(messages);
    }
}

pub(crate) fn is_discarding() -> bool {
    DISCARDING.get()
}

struct Discarding {
    outer: bool,
}

impl Drop for Discarding {
    fn drop(&mut self) {
        DISCARDING.set(self.outer);
    }
}

/// Keeps what a panic dropped until the running process has ended of it, or has given way and lives on.
///
/// Drops it at once if no process runs that could do either.
pub(crate) fn keep_while_unwinding(dropped: Box<dyn Any>) {
    let mark = |lane: &mut Lane| {
        lane.unwound = true;
        false
    };
    if cell().is_some_and(|process| process.with_lane(&mut { mark })) {
        UNWOUND.with_borrow_mut(|unwound| unwound.push(dropped));
    }
}

/// Drops what was kept for the running process, whose fate is known.
pub(super) fn drop_unwound() {
    drop(UNWOUND.take());
}

/// The running process is polled with another waker from here on.
pub(super) fn set_waker(waker: WakerId) {
    with(|current| {
        if let Some(Current::Process { waker: known, .. }) = current {
            known.set(waker);
        }
    });
}

/// The running process.
pub(crate) fn cell() -> Option<Arc<dyn AnyCell>> {
    with(|current| current.and_then(Current::cell).cloned())
}

pub(crate) fn pid() -> Option<Pid> {
    with(|current| current.and_then(Current::cell).map(|cell| cell.head().pid))
}

/// Whether the process `other` runs.
pub(crate) fn is(other: Pid) -> bool {
    pid() == Some(other)
}

pub(crate) fn node() -> Option<Node> {
    with_node(Node::clone)
}

/// Runs `f` on the running node, without touching its counter.
pub(crate) fn with_node<T>(f: impl FnOnce(&Node) -> T) -> Option<T> {
    with(|current| current.map(|current| f(current.node())))
}
