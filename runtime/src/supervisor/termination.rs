//! Ending children: ask, wait, kill.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::child_spec::{ChildSpec, Restart, Shutdown};
use crate::process::{ExitReason, Node, Pid, WaitExit, flush_exits, unlink, unlink_flush};

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

/// Ends the linked process `pid` as `shutdown` says.
///
/// Source: OTP `supervisor:shutdown/1`.
pub(super) async fn terminate(node: &Node, pid: Pid, shutdown: Shutdown) -> Termination {
    let mut asked = match ask(node, pid, shutdown) {
        Ok(asked) => asked,
        Err(reason) => return Termination::Ended(reason),
    };
    match asked.ended(deadline(shutdown, Instant::now())).await {
        Some(reason) => Termination::Ended(reason),
        None => asked.killed(Instant::now() + KILL_GRACE).await,
    }
}

/// Ends all `children` at the same time, each as its specification says, and tells how it went.
///
/// Source: OTP `supervisor:terminate_dynamic_children/1`.
pub(super) async fn terminate_all<'a>(
    node: &Node,
    children: impl Iterator<Item = (Pid, &'a ChildSpec)>,
    mut tell: impl FnMut(Pid, &ChildSpec, Termination),
) {
    let mut asked = Vec::with_capacity(children.size_hint().0);
    let asked_at = Instant::now();
    // Of those that ended unheard there may be very many: one pass, instead of one for each.
    let mut unheard = flush_exits();
    for (pid, spec) in children {
        match (unheard.remove(&pid), ask(node, pid, spec.shutdown)) {
            (None, Ok(child)) => asked.push((pid, spec, child)),
            (Some(reason), _) | (None, Err(reason)) => tell(pid, spec, Termination::Ended(reason)),
        }
    }
    // Whoever has the least time first: then nobody is waited for longer than its time.
    asked.sort_by_key(|(_, spec, _)| patience(spec.shutdown));
    let mut late = Vec::new();
    for (pid, spec, mut child) in asked {
        match child.ended(deadline(spec.shutdown, asked_at)).await {
            Some(reason) => tell(pid, spec, Termination::Ended(reason)),
            None => {
                // Told now, waited for when all have been told.
                node.kill(pid);
                late.push((pid, spec, child));
            }
        }
    }
    let given_up = Instant::now() + KILL_GRACE;
    for (pid, spec, child) in late {
        tell(pid, spec, child.killed(given_up).await);
    }
}

/// A child that was asked to end, and is waited for.
///
/// It is unlinked, so that its end leaves no exit signal in the mailbox. If its supervisor is killed while it waits, this
/// is dropped, and ends the child as the link would have done.
///
/// Source: OTP `supervisor:shutdown/1`, which unlinks a child only when it is gone.
struct Asked<'a> {
    node: &'a Node,
    pid: Pid,
    gone: Option<WaitExit>,
}

impl Asked<'_> {
    /// Why the child has ended, if it does before `deadline`; for ever without one.
    async fn ended(&mut self, deadline: Option<Instant>) -> Option<ExitReason> {
        let gone = self.gone.as_mut()?;
        let reason = match deadline {
            None => gone.await,
            Some(deadline) => timeout_at(deadline, gone).await.ok()?,
        };
        self.gone = None;
        Some(reason)
    }

    /// Kills the child and waits a while longer.
    async fn killed(mut self, given_up: Instant) -> Termination {
        self.node.kill(self.pid);
        let ended = self.ended(Some(given_up)).await;
        ended.map_or(Termination::Abandoned, Termination::Ended)
    }
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        if self.gone.is_some() {
            self.node.exit(self.pid, ExitReason::Killed);
        }
    }
}

/// Asks `pid` to end, or ends it; the reason if it has ended before.
fn ask(node: &Node, pid: Pid, shutdown: Shutdown) -> Result<Asked<'_>, ExitReason> {
    let Some(process) = node.process(pid) else {
        // Its exit signal, still unread, knows why.
        return Err(unlink_flush(pid).unwrap_or(ExitReason::NoProc));
    };
    let _not_a_process = unlink(pid);
    if process.exit_reason().is_some() {
        // Its exit signal may have come before; from here on only `gone` tells.
        unlink_flush(pid);
    }
    let gone = WaitExit::new(process.clone());
    match shutdown {
        Shutdown::BrutalKill => process.kill(),
        // Sent by its parent, so a child that traps exits stops too.
        Shutdown::After(_) | Shutdown::Infinity => node.exit(pid, ExitReason::Shutdown),
    }
    Ok(Asked { node, pid, gone: Some(gone) })
}

/// When a child that was asked at `asked_at` is killed; never, without one.
fn deadline(shutdown: Shutdown, asked_at: Instant) -> Option<Instant> {
    asked_at.checked_add(patience(shutdown))
}

fn patience(shutdown: Shutdown) -> Duration {
    match shutdown {
        Shutdown::BrutalKill => Duration::ZERO,
        Shutdown::After(time) => time,
        Shutdown::Infinity => Duration::MAX,
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

#[cfg(test)]
mod tests {
    use super::*;
    use Restart::{Permanent, Temporary, Transient};

    #[test]
    fn which_ends_of_a_terminated_child_are_as_expected() {
        let (brutal, asked) = (Shutdown::BrutalKill, Shutdown::After(Duration::from_secs(5)));
        let with = || ExitReason::shutdown_with("moved");
        let table = [
            (brutal, Permanent, ExitReason::Killed, true),
            (asked, Permanent, ExitReason::Killed, false),
            (Shutdown::Infinity, Transient, ExitReason::Killed, false),
            (asked, Permanent, ExitReason::Shutdown, true),
            (brutal, Permanent, ExitReason::Shutdown, false),
            (brutal, Transient, ExitReason::Shutdown, true),
            (asked, Permanent, ExitReason::Normal, false),
            (asked, Transient, ExitReason::Normal, true),
            (asked, Permanent, with(), false),
            (asked, Temporary, with(), true),
            (asked, Temporary, ExitReason::error("crash"), false),
        ];
        for (shutdown, restart, reason, expected) in table {
            assert_eq!(
                is_expected(shutdown, restart, &reason),
                expected,
                "{shutdown:?} {restart:?} {reason}"
            );
        }
    }
}
