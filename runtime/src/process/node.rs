//! The node: a value that holds everything its processes share.

use std::fmt;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::Notify;

use super::any_cell::{AnyCell, SentBy};
use super::clock::Clock;
use super::current::{self, Current};
use super::extensions::Extensions;
use super::long_schedule::Watch;
use super::nodes::Nodes;
use super::placement::Placement;
use super::table::Table;
use super::timer::Timers;
use super::wait_exit::{WaitExit, wait_far_exit};
use super::waits::Waits;
use super::{ExitReason, GroupLeader, MonitorRef, Pid, ProcessInfo};

/// A node: a process table, names, and timers.
///
/// A node is a value, not the state of the operating system process: ten of them live side by side in one test.
/// Cloning gives another handle to the same node.
/// Code that runs in a process finds its node through [`Node::current`].
///
/// Source: OTP nodes.
#[derive(Clone)]
pub struct Node(Arc<Inner>);

struct Inner {
    name: Box<str>,
    creation: u32,
    next_reference: AtomicU64,
    table: Table,
    timers: Timers,
    waits: Waits,
    watch: Watch,
    /// Woken whenever a name is registered.
    registered: Notify,
    /// Leads the processes that belong to no application.
    leader: Arc<GroupLeader>,
    extensions: Extensions,
    nodes: Nodes,
    placement: Placement,
}

impl Node {
    /// A node without processes.
    pub fn new(name: impl Into<Box<str>>) -> Self {
        let (name, creation) = (name.into(), next_creation());
        Self(Arc::new(Inner {
            leader: Arc::new(GroupLeader::new(name.clone())),
            name,
            creation,
            next_reference: AtomicU64::new(1),
            table: Table::new(creation),
            timers: Timers::new(),
            waits: Waits::default(),
            watch: Watch::new(),
            registered: Notify::new(),
            extensions: Extensions::default(),
            nodes: Nodes::default(),
            placement: Placement::default(),
        }))
    }

    /// The node that the running code belongs to: that of its process, or that of the enclosing [`Node::scope`].
    pub fn current() -> Option<Self> {
        current::node()
    }

    /// Runs `future` as part of this node, although it is not a process: names resolve, calls work.
    pub async fn scope<F: Future>(&self, future: F) -> F::Output {
        let mut future = std::pin::pin!(future);
        let node = self.clone();
        self.clock().used_here();
        std::future::poll_fn(move |cx: &mut Context<'_>| -> Poll<F::Output> {
            let _entered = current::enter(Current::Node(node.clone()));
            Pin::as_mut(&mut future).poll(cx)
        })
        .await
    }

    /// Runs `f` as part of this node.
    pub fn enter<T>(&self, f: impl FnOnce() -> T) -> T {
        self.clock().used_here();
        let _entered = current::enter(Current::Node(self.clone()));
        f()
    }

    /// Runs `f` as part of this node, where it mostly runs already.
    pub(crate) fn within<T>(&self, f: impl FnOnce() -> T) -> T {
        let is_here = current::with(|current| matches!(current, Some(Current::Node(node)) if node == self));
        if is_here { f() } else { self.enter(f) }
    }

    /// The name given to [`Node::new`].
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Which life of the node this is; part of each of its pids.
    pub fn creation(&self) -> u32 {
        self.0.creation
    }

    /// Sends `pid` an exit signal with `reason`; nothing happens if there is no such process.
    ///
    /// A process that does not trap exits ends, unless `reason` is [`ExitReason::Normal`].
    /// One that traps them gets an [`Exit`](super::Exit).
    ///
    /// Source: OTP `erlang:exit/2`.
    pub fn exit(&self, pid: Pid, reason: ExitReason) {
        let from = current::pid().unwrap_or(Pid::outside(self.creation()));
        if let Some(process) = self.process(pid) {
            process.exit_signal(from, reason, SentBy::Process);
        } else if let Some(remote) = self.remote_of(pid) {
            remote.exit(from, pid, &reason);
        }
    }

    /// Ends `pid`, whatever it does about exits; others see [`ExitReason::Killed`].
    ///
    /// Source: OTP `erlang:exit(Pid, kill)`.
    /// Differs: a process is killed at its next await; one that never yields cannot be killed in Rust.
    pub fn kill(&self, pid: Pid) {
        if let Some(process) = self.process(pid) {
            process.kill();
        } else if let Some(remote) = self.remote_of(pid) {
            remote.kill(current::pid().unwrap_or(Pid::outside(self.creation())), pid);
        }
    }

    /// Waits until `pid` is gone and says why: [`ExitReason::NoProc`] if it was gone already;
    /// [`ExitReason::NoConnection`] if its node is another that cannot be reached.
    ///
    /// # Cancel safety
    /// Dropping the future only stops the waiting.
    pub async fn wait_exit(&self, pid: Pid) -> ExitReason {
        match self.process(pid) {
            Some(process) => WaitExit::new(process).await,
            None if pid.is_far() => wait_far_exit(self, pid).await,
            None => ExitReason::NoProc,
        }
    }

    /// The processes alive, in no order.
    pub fn processes(&self) -> Vec<Pid> {
        self.0.table.all().iter().map(|process| process.head().pid).collect()
    }

    /// The processes alive whose group leader is `leader`, in no order.
    pub fn processes_of(&self, leader: &Arc<GroupLeader>) -> Vec<Pid> {
        let all = self.0.table.all();
        let mine = all.iter().filter(|process| Arc::ptr_eq(&process.head().leader, leader));
        mine.map(|process| process.head().pid).collect()
    }

    /// What is known of the memory of all processes, in bytes; see [`Memory`](super::Memory).
    pub(crate) fn memory_of_processes(&self) -> usize {
        self.0.table.all().iter().map(|process| process.memory().total()).sum()
    }

    /// What can be said about `pid` from outside.
    pub fn process_info(&self, pid: Pid) -> Option<ProcessInfo> {
        self.process(pid).map(|process| ProcessInfo::of(&*process))
    }

    /// The process registered under `name` on this node.
    pub fn whereis(&self, name: &str) -> Option<Pid> {
        self.0.table.whereis(name).map(|process| process.head().pid)
    }

    /// The registered names, each with its process, in no order.
    ///
    /// Source: OTP `erlang:registered/0`.
    pub fn registered(&self) -> Vec<(Arc<str>, Pid)> {
        self.0.table.registered()
    }

    /// Waits until a process other than `than` is registered under `name`.
    ///
    /// # Cancel safety
    /// Dropping the future only stops the waiting.
    pub async fn wait_registered(&self, name: &str, than: Option<Pid>) -> Pid {
        loop {
            let mut registered = std::pin::pin!(self.0.registered.notified());
            // Listen before looking, so that no registration falls in between.
            registered.as_mut().enable();
            match self.whereis(name) {
                Some(pid) if Some(pid) != than => return pid,
                _ => registered.await,
            }
        }
    }

    /// Reports processes that run for longer than `threshold` without giving way; never for nothing.
    ///
    /// 250 ms unless told otherwise. The reports are events of the target `umbrella::long_schedule`, level warn, with the
    /// process, its handler, and the time.
    ///
    /// Source: OTP `erlang:system_monitor/2`, `long_schedule`.
    /// Differs: OTP reports nothing unless it is asked to, since it can interrupt what does not give way; in Rust such a
    /// process holds a thread, and can be neither killed nor looked into until it does.
    pub fn set_long_schedule(&self, threshold: Option<Duration>) {
        self.0.watch.set_threshold(threshold);
    }

    /// What it knows of other nodes, and the way to them.
    pub(super) fn known_nodes(&self) -> &Nodes {
        &self.0.nodes
    }

    /// Where applications run.
    pub(super) fn placements(&self) -> &Placement {
        &self.0.placement
    }

    pub(super) fn watch(&self) -> &Watch {
        &self.0.watch
    }

    pub(crate) fn downgrade(&self) -> WeakNode {
        WeakNode(Arc::downgrade(&self.0))
    }

    /// The group leader of processes that belong to no application.
    pub(crate) fn leader(&self) -> &Arc<GroupLeader> {
        &self.0.leader
    }

    pub(crate) fn next_reference(&self) -> MonitorRef {
        MonitorRef(self.0.next_reference.fetch_add(1, Ordering::Relaxed))
    }

    pub(crate) fn process(&self, pid: Pid) -> Option<Arc<dyn AnyCell>> {
        self.0.table.get(pid)
    }

    pub(super) fn waits(&self) -> &Waits {
        &self.0.waits
    }

    /// The process that has the place of `id` now.
    pub(super) fn process_at(&self, id: NonZeroU32) -> Option<Arc<dyn AnyCell>> {
        self.0.table.at(id)
    }

    pub(crate) fn process_named(&self, name: &str) -> Option<Arc<dyn AnyCell>> {
        self.0.table.whereis(name)
    }

    pub(crate) fn clock(&self) -> &Clock {
        self.0.timers.clock()
    }

    /// What upper layers keep in the node.
    pub(crate) fn extensions(&self) -> &Extensions {
        &self.0.extensions
    }

    pub(crate) fn timers(&self) -> &Timers {
        &self.0.timers
    }

    /// Adds the process that `make` makes around its pid to the table.
    pub(crate) fn insert<C: AnyCell>(&self, make: impl FnOnce(Pid) -> C) -> Arc<C> {
        self.0.table.insert(make)
    }

    /// Registers `process` under `name`, or says who has the name.
    pub(crate) fn register(&self, name: Arc<str>, process: &Arc<dyn AnyCell>) -> Result<(), Pid> {
        self.0.table.register(name.clone(), process)?;
        process.set_name(name);
        self.0.registered.notify_waiters();
        Ok(())
    }

    /// Takes an ended process out of the tables, its name first.
    pub(crate) fn remove(&self, process: &dyn AnyCell) {
        let pid = process.head().pid;
        if let Some(name) = process.name() {
            self.0.table.unregister(&name, pid);
        }
        self.0.table.remove(pid);
    }
}

/// A node that may be gone.
#[derive(Clone)]
pub(crate) struct WeakNode(Weak<Inner>);

impl WeakNode {
    pub(crate) fn upgrade(&self) -> Option<Node> {
        self.0.upgrade().map(Node)
    }
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node")
            .field("name", &self.0.name)
            .field("creation", &self.0.creation)
            .finish_non_exhaustive()
    }
}

/// Differs for every node of this operating system process, and almost surely from any earlier one's.
fn next_creation() -> u32 {
    static NODES: AtomicU32 = AtomicU32::new(0);
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    // The low bits of the seconds move between restarts, the counter between nodes of one process.
    (since.as_secs() as u32).wrapping_mul(1 << 8).wrapping_add(NODES.fetch_add(1, Ordering::Relaxed)).max(1)
}
