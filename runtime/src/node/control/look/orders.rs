//! What is done to one process: `sys`, and exit signals.

use std::time::Duration;

use serde_json::json;

use super::{Answer, Refusal, find};
use crate::gen_server::sys::{self, StateText, SysError};
use crate::process::{ExitReason, Node};

/// Source: `sys:get_state/1`.
pub(super) async fn state(node: &Node, process: &str, wait: Duration) -> Answer {
    let found = find(node, process)?;
    let pid = found.head().pid;
    let state = node.scope(async { sys::get_state_text(&pid).within(wait).await }).await;
    let (text, handler) = match state.map_err(|error| refused(process, &error))? {
        StateText::Now(text) => (text, None),
        StateText::AsHandlerBegan { text, handler } => (text, Some(handler)),
    };
    Ok(json!({
        "process": &*found.display_name(), "pid": pid.to_string(), "type": found.head().label(),
        "state": text, "as_handler_began": handler,
    }))
}

/// Source: `exit(Pid, kill)`.
pub(super) fn kill(node: &Node, process: &str) -> Answer {
    let found = find(node, process)?;
    found.kill();
    Ok(json!({ "process": &*found.display_name(), "pid": found.head().pid.to_string() }))
}

/// Source: `exit(Pid, Reason)`.
pub(super) fn exit(node: &Node, process: &str, reason: &str) -> Answer {
    let found = find(node, process)?;
    let pid = found.head().pid;
    node.exit(
        pid,
        match reason {
            "normal" => ExitReason::Normal,
            "shutdown" => ExitReason::Shutdown,
            other => ExitReason::error(other),
        },
    );
    Ok(json!({ "process": &*found.display_name(), "pid": pid.to_string() }))
}

/// Source: `sys:suspend/1`.
pub(super) async fn suspend(node: &Node, process: &str) -> Answer {
    let pid = find(node, process)?.head().pid;
    let done = node.scope(async { sys::suspend(&pid).await }).await;
    done.map(|()| json!({ "pid": pid.to_string() })).map_err(|error| refused(process, &error))
}

/// Source: `sys:resume/1`.
pub(super) async fn resume(node: &Node, process: &str) -> Answer {
    let pid = find(node, process)?.head().pid;
    let done = node.scope(async { sys::resume(&pid).await }).await;
    done.map(|()| json!({ "pid": pid.to_string() })).map_err(|error| refused(process, &error))
}

/// Why a system request was not done, for whoever asked from outside.
pub(super) fn refused(process: &str, error: &SysError) -> Refusal {
    let kind = match error {
        SysError::Timeout { .. } => "timed_out",
        SysError::NotAServer => "not_a_server",
        SysError::NotDebug(_) => "not_debug",
        SysError::NoNode
        | SysError::NoProc
        | SysError::CallingSelf
        | SysError::Exited(_)
        | SysError::OtherServer { .. }
        | SysError::CallbackFailed(_) => "exited",
    };
    Refusal::new(kind, format!("`{process}`: {error}")).with("process", process)
}
