//! Who is running: found through the running task, never through a global.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::task::Waker;

use super::any_cell::AnyCell;
use super::deadline::{NEVER, Time};
use super::waits::Wait;
use super::{Node, Pid};

/// Who runs on this thread right now.
pub(crate) enum Current {
    /// A process, and what its task's waker looks like.
    Process {
        cell: Arc<dyn AnyCell>,
        waker: Cell<WakerId>,
        /// What [`DUE`] was when the process last waited.
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

thread_local! {
    static CURRENT: RefCell<Option<Current>> = const { RefCell::new(None) };
    /// Until when the caller waits for whom the running process works, on the clock of its node; or `NEVER`. Beside
    /// `CURRENT`, since it is looked at and changed with every call.
    pub(super) static DUE: Cell<u64> = const { Cell::new(NEVER) };
    /// What it knows of the time; forgotten whenever another is entered, or the same one after it waited.
    pub(super) static TIME: Cell<Time> = const { Cell::new(Time::Unknown) };
    /// Messages are being dropped for want of room.
    static DISCARDING: Cell<bool> = const { Cell::new(false) };
    /// What a process waits for is being found out.
    pub(super) static PROBING: Cell<bool> = const { Cell::new(false) };
    /// The calls that it waits for, meanwhile.
    pub(super) static REPORTS: RefCell<Option<Vec<Wait>>> = const { RefCell::new(None) };
}

/// Runs `f`, which must not unwind, as `this`, which is moved to the thread and back, so that no counter is touched.
pub(crate) fn run_as<T>(this: &mut Option<Current>, f: impl FnOnce() -> T) -> T {
    TIME.set(Time::Unknown);
    let due = match this {
        Some(Current::Process { due, .. }) => *due,
        Some(Current::Node(_)) | None => NEVER,
    };
    let outer_due = DUE.replace(due);
    let result = CURRENT.with(|current| {
        let outer = current.replace(this.take());
        let result = f();
        *this = current.replace(outer);
        result
    });
    let due_after = DUE.replace(outer_due);
    if let Some(Current::Process { due, .. }) = this {
        *due = due_after;
    }
    result
}

/// Makes `current` the running one until the guard is dropped.
pub(crate) fn enter(current: Current) -> Entered {
    TIME.set(Time::Unknown);
    Entered { outer: CURRENT.replace(Some(current)), due: DUE.replace(NEVER) }
}

/// Restores who ran before; see [`enter`].
pub(crate) struct Entered {
    outer: Option<Current>,
    due: u64,
}

impl Drop for Entered {
    fn drop(&mut self) {
        DUE.set(self.due);
        drop(CURRENT.replace(self.outer.take()));
    }
}

pub(crate) fn with<T>(f: impl FnOnce(Option<&Current>) -> T) -> T {
    CURRENT.with_borrow(|current| f(current.as_ref()))
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
    with(|current| match current {
        Some(Current::Process { cell, .. }) => Some(cell.clone()),
        Some(Current::Node(_)) | None => None,
    })
}

/// The running process, if somebody looks into it.
pub(super) fn attended() -> Option<Arc<dyn AnyCell>> {
    with(|current| match current {
        Some(Current::Process { cell, .. }) if !cell.head().attention().is_none() => Some(cell.clone()),
        Some(Current::Process { .. } | Current::Node(_)) | None => None,
    })
}

pub(crate) fn pid() -> Option<Pid> {
    with(|current| match current {
        Some(Current::Process { cell, .. }) => Some(cell.head().pid),
        Some(Current::Node(_)) | None => None,
    })
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
    with(|current| match current {
        Some(Current::Process { cell, .. }) => Some(f(&cell.head().node)),
        Some(Current::Node(node)) => Some(f(node)),
        None => None,
    })
}
