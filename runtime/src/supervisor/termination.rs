//! Ending a child: ask, wait, kill.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use super::child_spec::{Restart, Shutdown};
use crate::process::{ExitReason, Node, Pid, unlink, unlink_flush};

/// How long a killed process may take to reach its next await before its supervisor goes on without it.
///
/// Differs: OTP can kill a process at any instruction and waits for ever.
/// A Rust process that never yields cannot be killed, and must not take its supervisor with it.
const KILL_GRACE: Duration = Duration::from_secs(5);

/// How the termination of a child went.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Termination {
    /// It is gone, for this reason.
    Ended(ExitReason),
    /// It was killed and does not yield: it is still there, with nobody to supervise it.
    Abandoned,
}

/// Ends the linked process `pid` as `shutdown` says. Nothing of it comes to the mailbox afterwards.
///
/// Source: OTP `supervisor:shutdown/1`.
pub(super) async fn terminate(node: &Node, pid: Pid, shutdown: Shutdown) -> Termination {
    let mut gone = pin!(node.wait_exit(pid));
    // Watching begins with the first poll, and must begin before anything is asked of the child.
    if let Poll::Ready(reason) = poll_fn(|cx| Poll::Ready(gone.as_mut().poll(cx))).await {
        // It ended by itself before it was asked; its exit signal knows why.
        return Termination::Ended(unlink_flush(pid).unwrap_or(reason));
    }
    // From here on the watch tells, so the exit signal need not. A child that traps exits still sees who asks.
    let _not_a_process = unlink(pid);
    let asked = match shutdown {
        Shutdown::BrutalKill => None,
        Shutdown::After(limit) => {
            node.exit(pid, ExitReason::Shutdown);
            tokio::time::timeout(limit, gone.as_mut()).await.ok()
        }
        Shutdown::Infinity => {
            node.exit(pid, ExitReason::Shutdown);
            Some(gone.as_mut().await)
        }
    };
    if let Some(reason) = asked {
        return Termination::Ended(reason);
    }
    node.kill(pid);
    match tokio::time::timeout(KILL_GRACE, gone).await {
        Ok(reason) => Termination::Ended(reason),
        Err(_elapsed) => Termination::Abandoned,
    }
}

/// Whether a terminated child ended as it should; anything else is reported.
///
/// Source: OTP `supervisor:shutdown/1`.
pub(super) fn is_expected(shutdown: Shutdown, restart: Restart, reason: &ExitReason) -> bool {
    match (shutdown, reason) {
        (Shutdown::BrutalKill, ExitReason::Killed) => true,
        (Shutdown::After(_) | Shutdown::Infinity, ExitReason::Shutdown) => true,
        _ => restart != Restart::Permanent && !reason.is_abnormal(),
    }
}
