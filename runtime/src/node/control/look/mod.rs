//! Looking into what runs in the node, and taking hold of it: what `umbrella tree`, `call`, `state`, `top` and `console`
//! ask.
//!
//! | file | what it answers |
//! |---|---|
//! | `tree` | the supervision trees |
//! | `processes` | all processes, and the groups they are in |
//! | `servers`, `signature` | what can be called |
//! | `call`, `into_term`, `from_term` | calls with JSON, by what a protocol says of itself |
//! | `orders` | `state`, `kill`, `exit`, `suspend`, `resume` |
//! | `trace` | messages of a server, as it takes them |
//! | `crashes` | what went wrong |
//!
//! It answers whoever can open the socket, which is the user that the node belongs to.

mod call;
mod crashes;
mod from_term;
mod into_term;
mod orders;
mod processes;
mod servers;
mod signature;
mod trace;
mod tree;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::protocol::Refusal;
use crate::application::Controller;
use crate::process::{AnyCell, Node};
pub(crate) use crashes::Crashes;
pub(super) use trace::Tracing;

/// A look, or an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "snake_case")]
pub(crate) enum Look {
    /// The supervision trees of applications; of all, if none is named.
    Tree {
        #[serde(default)]
        applications: Vec<String>,
    },
    /// All processes, with what is known of each.
    Processes,
    /// The servers that have names, with what each can be called with.
    Servers,
    /// The process groups and their members.
    Pg,
    /// Calls or casts a method of a server; arguments are JSON, and so is the reply.
    Call {
        server: String,
        method: String,
        #[serde(default)]
        arguments: Vec<Value>,
        #[serde(default)]
        timeout_ms: Option<u64>,
    },
    /// The state of a server, as text.
    State {
        process: String,
        #[serde(default)]
        timeout_ms: Option<u64>,
    },
    /// Ends a process unconditionally.
    Kill { process: String },
    /// Sends a process an exit signal.
    Exit { process: String, reason: String },
    /// Has a server take no messages.
    Suspend { process: String },
    /// Has it take them again.
    Resume { process: String },
    /// What went wrong in applications, the oldest first; in all, if none is named.
    Crashes {
        #[serde(default)]
        applications: Vec<String>,
    },
}

/// How long a server has to answer unless told otherwise.
///
/// Source: OTP `gen_server:call/2`, 5000 ms.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(5);

type Answer = Result<Value, Refusal>;

/// The answer to a look.
pub(super) async fn answer(controller: &Controller, look: Look) -> Answer {
    let node = controller.node();
    match look {
        Look::Tree { applications } => tree::trees(controller, &applications).await,
        Look::Processes => json(processes::all(node)),
        Look::Servers => json(servers::all(node)),
        Look::Pg => json(processes::groups(node)),
        Look::Call { server, method, arguments, timeout_ms } => {
            json(call::call(node, &server, &method, &arguments, wait(timeout_ms)).await?)
        }
        Look::State { process, timeout_ms } => orders::state(node, &process, wait(timeout_ms)).await,
        Look::Kill { process } => orders::kill(node, &process),
        Look::Exit { process, reason } => orders::exit(node, &process, &reason),
        Look::Suspend { process } => orders::suspend(node, &process).await,
        Look::Resume { process } => orders::resume(node, &process).await,
        Look::Crashes { applications } => json(Crashes::of(controller, &named(controller, &applications)?)),
    }
}

fn wait(timeout_ms: Option<u64>) -> Duration {
    timeout_ms.map_or(DEFAULT_TIMEOUT, Duration::from_millis)
}

fn json(value: impl Serialize) -> Answer {
    serde_json::to_value(value).map_err(|error| Refusal::new("not_json", error.to_string()))
}

/// The applications of these names, or all.
fn named(controller: &Controller, names: &[String]) -> Result<Vec<&'static str>, Refusal> {
    let infos = controller.infos();
    let known: Vec<&'static str> = infos.iter().map(|info| info.name).collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
        let text = format!("no application `{unknown}` in this node");
        let refusal = Refusal::new("unknown_application", text).with("application", unknown.as_str());
        return Err(refusal.with("known", known));
    }
    Ok(known
        .into_iter()
        .filter(|name| names.is_empty() || names.iter().any(|wanted| wanted == name))
        .collect())
}

/// The process that has the name, or the pid, that is written here.
fn find(node: &Node, process: &str) -> Result<Arc<dyn AnyCell>, Refusal> {
    if let Some(found) = node.process_named(process) {
        return Ok(found);
    }
    let by_pid = || node.processes().into_iter().find(|pid| pid.to_string() == process);
    let found = if process.starts_with('<') { by_pid().and_then(|pid| node.process(pid)) } else { None };
    found.ok_or_else(|| {
        // Those of applications: nobody means the others.
        let of_application = |pid| {
            node.process(pid).is_some_and(|process| process.head().leader.name() != node.leader().name())
        };
        let registered = node.registered().into_iter().filter(|(_, pid)| of_application(*pid));
        let mut known: Vec<String> = registered.map(|(name, _)| name.to_string()).collect();
        known.sort_unstable();
        let what = if process.starts_with('<') { "process" } else { "server" };
        let refusal = Refusal::new("unknown_server", format!("no {what} `{process}` in this node"));
        refusal.with("server", process).with("known", known)
    })
}
