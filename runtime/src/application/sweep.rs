//! Nothing leaks: whatever still belongs to an application after its stop is killed and named.

use std::sync::Arc;
use std::time::Duration;

use crate::process::{GroupLeader, Node, Pid};

/// How long killed processes have to reach their next await.
pub(super) const KILL_GRACE: Duration = Duration::from_secs(1);

/// Kills what is left of an application and warns of each process; `except` is the process that asks.
///
/// Source: OTP `application_master:kill_all_procs/0`, which says nothing.
pub(super) async fn sweep(node: &Node, leader: &Arc<GroupLeader>, except: Option<Pid>) {
    let mut left = node.processes_of(leader);
    left.retain(|pid| Some(*pid) != except);
    for pid in &left {
        node.kill(*pid);
    }
    for pid in left {
        let who = node.process_info(pid).map_or_else(|| pid.to_string(), |info| describe(&info));
        leader.note_outlived(who.as_str());
        let gone = tokio::time::timeout(KILL_GRACE, node.wait_exit(pid)).await.is_ok();
        let outcome = if gone { "killed" } else { "killed, but it never yields: left behind" };
        tracing::warn!(
            target: "umbrella::application",
            application = leader.name(),
            "process {who} outlived its application: {outcome}",
        );
    }
}

/// A process as people would name it.
pub(crate) fn describe(info: &crate::process::ProcessInfo) -> String {
    let name = info.name.as_deref().unwrap_or(info.label);
    format!("{name} {}", info.pid)
}
