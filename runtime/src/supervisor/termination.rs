//! Ending children: ask, wait, kill.

use std::time::Duration;

use tokio::time::{Instant, timeout, timeout_at};

use super::child_spec::{ChildSpec, Restart, Shutdown};
use crate::process::{ExitReason, Node, Pid, WaitExit, unlink, unlink_flush};

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
    let mut gone = match ask(node, pid, shutdown) {
        Ok(gone) => gone,
        Err(reason) => return Termination::Ended(reason),
    };
    if let Some(reason) = wait(&mut gone, shutdown, Instant::now()).await {
        return Termination::Ended(reason);
    }
    node.kill(pid);
    timeout(KILL_GRACE, gone).await.map_or(Termination::Abandoned, Termination::Ended)
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
    for (pid, spec) in children {
        match ask(node, pid, spec.shutdown) {
            Ok(gone) => asked.push((pid, spec, gone)),
            Err(reason) => tell(pid, spec, Termination::Ended(reason)),
        }
    }
    // Whoever has the least time first: then nobody is waited for longer than its time.
    asked.sort_by_key(|(_, spec, _)| patience(spec.shutdown));
    let mut killed = Vec::new();
    for (pid, spec, mut gone) in asked {
        match wait(&mut gone, spec.shutdown, asked_at).await {
            Some(reason) => tell(pid, spec, Termination::Ended(reason)),
            None => {
                node.kill(pid);
                killed.push((pid, spec, gone));
            }
        }
    }
    let given_up = Instant::now() + KILL_GRACE;
    for (pid, spec, gone) in killed {
        tell(pid, spec, timeout_at(given_up, gone).await.map_or(Termination::Abandoned, Termination::Ended));
    }
}

/// Asks `pid` to end, or ends it; the reason if it has ended before.
fn ask(node: &Node, pid: Pid, shutdown: Shutdown) -> Result<WaitExit, ExitReason> {
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
    Ok(gone)
}

/// Waits for as long as `shutdown` gives to a process that was asked at `asked_at`.
async fn wait(gone: &mut WaitExit, shutdown: Shutdown, asked_at: Instant) -> Option<ExitReason> {
    match asked_at.checked_add(patience(shutdown)) {
        None => Some(gone.await),
        Some(deadline) => timeout_at(deadline, gone).await.ok(),
    }
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
