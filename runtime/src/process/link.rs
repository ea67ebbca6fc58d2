//! Links and monitors, as seen from the running process.

use std::collections::HashMap;
use std::sync::Arc;

use super::any_cell::{AnyCell, SentBy};
use super::id_hash::IdHash;
use super::nodes::TooManyNodes;
use super::remote::Far;
use super::signal::SystemMessage;
use super::{ExitReason, MonitorRef, NodeId, Pid, current};

/// The running process asked for what only a process can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not called from a process")]
pub struct NotAProcess;

fn this() -> Result<Arc<dyn AnyCell>, NotAProcess> {
    current::cell().ok_or(NotAProcess)
}

/// The pid of the running process, if a process runs.
///
/// Source: OTP `erlang:self/0`.
pub fn self_pid() -> Option<Pid> {
    current::pid()
}

/// Links the running process to `pid`: when one ends abnormally, so does the other.
///
/// If `pid` does not exist, the running process gets an exit signal with [`ExitReason::NoProc`]; if its node cannot be
/// reached, or is lost later, one with [`ExitReason::NoConnection`].
///
/// Differs: in OTP a process that does not trap exits gets an error instead, which it could catch.
///
/// Source: OTP `erlang:link/1`.
///
/// # Errors
/// [`NotAProcess`] outside a process.
pub fn link(pid: Pid) -> Result<(), NotAProcess> {
    let this = this()?;
    let me = this.head().pid;
    if me == pid {
        return Ok(());
    }
    // First here, then there: if `pid` ends in between, its signal finds the link.
    this.link(pid);
    if let Err(reason) = this.head().node.link_to(me, pid)
        && this.unlink(pid)
    {
        this.exit_signal(pid, reason, SentBy::Process);
    }
    Ok(())
}

/// Removes the link between the running process and `pid`, if there is one.
///
/// Source: OTP `erlang:unlink/1`.
///
/// # Errors
/// [`NotAProcess`] outside a process.
pub fn unlink(pid: Pid) -> Result<(), NotAProcess> {
    let this = this()?;
    let head = this.head();
    if this.unlink(pid) {
        head.node.unlink_from(head.pid, pid);
    }
    Ok(())
}

/// As [`unlink`], and takes the exit signal of `pid` out of the mailbox if it came already: why it ended.
///
/// Source: OTP `supervisor:unlink_flush/2`.
pub(crate) fn unlink_flush(pid: Pid) -> Option<ExitReason> {
    unlink(pid).ok()?;
    let its = |message: &SystemMessage| matches!(message, SystemMessage::Exit(exit) if exit.from == pid);
    match this().ok()?.take_system(&its, None)? {
        SystemMessage::Exit(exit) => Some(exit.reason),
        SystemMessage::Down(_) | SystemMessage::Through(..) | SystemMessage::Control(_) => None,
    }
}

/// Takes all exit signals out of the mailbox, in one pass: who ended, and why.
pub(crate) fn flush_exits() -> HashMap<Pid, ExitReason, IdHash> {
    let mut ended = HashMap::default();
    let Ok(this) = this() else { return ended };
    while let Some(SystemMessage::Exit(exit)) =
        this.take_system(&|message| matches!(message, SystemMessage::Exit(_)), None)
    {
        ended.insert(exit.from, exit.reason);
    }
    ended
}

/// Watches `pid`: when it ends, the running process gets one [`Down`](super::Down).
///
/// If `pid` does not exist, the `Down` comes at once, with [`ExitReason::NoProc`]; if its node cannot be reached, or is
/// lost later, with [`ExitReason::NoConnection`].
///
/// Source: OTP `erlang:monitor(process, Pid)`.
///
/// # Errors
/// [`NotAProcess`] outside a process.
pub fn monitor(pid: Pid) -> Result<MonitorRef, NotAProcess> {
    Ok(watch_from(&*this()?, Far::Pid(pid)))
}

/// Watches whichever process has the `name` on the node with the full name `node`, as [`monitor`] does; a process that
/// takes the name later is not watched.
///
/// The [`Down`](super::Down) of a process of another node says no pid in particular: nobody here knows it.
///
/// Source: OTP `erlang:monitor(process, {RegisteredName, Node})`.
///
/// # Errors
/// [`NotAProcess`] outside a process.
pub fn monitor_name(name: &str, node: &str) -> Result<MonitorRef, NotAProcess> {
    let this = this()?;
    let here = &this.head().node;
    Ok(match here.node_id(node) {
        Ok(NodeId::HERE) => watch_from(&*this, Far::Pid(here.whereis(name).unwrap_or(NOBODY))),
        Ok(node) => watch_from(&*this, Far::Name { node, name: Arc::<str>::from(name).into() }),
        Err(TooManyNodes) => {
            let monitor = here.next_reference();
            this.monitoring(monitor, Far::Pid(NOBODY));
            this.down(monitor, ExitReason::NoConnection);
            monitor
        }
    })
}

/// Is of no life of this node.
const NOBODY: Pid = Pid::outside(0);

/// Has `this` monitor `target`.
pub(super) fn watch_from(this: &dyn AnyCell, target: Far) -> MonitorRef {
    let monitor = this.head().node.next_reference();
    // First here, then there: if the target ends in between, its `Down` finds the monitor.
    this.monitoring(monitor, target.clone());
    watch(this, monitor, &target);
    monitor
}

/// Has `target` tell its end to `this`, which knows the monitor already; at once if there is no such process.
pub(super) fn watch(this: &dyn AnyCell, monitor: MonitorRef, target: &Far) {
    let head = this.head();
    if let Err(reason) = head.node.watch_for(monitor, head.pid, target) {
        this.down(monitor, reason);
    }
}

/// Ends a monitor; its [`Down`](super::Down) does not come any more, even if it was on its way.
///
/// Source: OTP `erlang:demonitor(Ref, [flush])`.
///
/// # Errors
/// [`NotAProcess`] outside a process.
pub fn demonitor(monitor: MonitorRef) -> Result<(), NotAProcess> {
    let this = this()?;
    let head = this.head();
    if let Some(target) = this.stop_monitoring(monitor) {
        head.node.unwatch_for(monitor, head.pid, &target);
    }
    Ok(())
}

/// Makes the running process trap exits, or stop trapping them; says nothing outside a process.
///
/// Source: OTP `process_flag(trap_exit, Flag)`.
///
/// # Errors
/// [`NotAProcess`] outside a process.
pub fn trap_exit(trap: bool) -> Result<(), NotAProcess> {
    this()?.trap_exit(trap);
    Ok(())
}

/// Sends `pid` an exit signal; see [`Node::exit`](super::Node::exit). Nothing happens outside a node.
pub fn exit(pid: Pid, reason: ExitReason) {
    if let Some(node) = current::node() {
        node.exit(pid, reason);
    }
}

/// Ends `pid` unconditionally; see [`Node::kill`](super::Node::kill). Nothing happens outside a node.
pub fn kill(pid: Pid) {
    if let Some(node) = current::node() {
        node.kill(pid);
    }
}

/// Waits until `pid` is gone; see [`Node::wait_exit`](super::Node::wait_exit).
///
/// Outside a node no process exists: the answer is [`ExitReason::NoProc`].
pub async fn wait_exit(pid: Pid) -> ExitReason {
    match current::node() {
        Some(node) => node.wait_exit(pid).await,
        None => ExitReason::NoProc,
    }
}
