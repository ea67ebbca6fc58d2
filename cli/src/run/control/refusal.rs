//! What a node answers to what it does not do.

use serde::Deserialize;

/// A request that the node refused, with the facts it gave.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Refusal {
    /// The node does not contain an application of that name.
    #[error("application `{application}` is not part of this node")]
    UnknownApplication {
        /// What was asked for.
        application: String,
        /// What the node contains.
        #[serde(default)]
        known: Vec<String>,
    },
    /// The application runs in another release of the deployment.
    #[error("application `{application}` runs in release `{release}`")]
    Elsewhere {
        /// What was asked for.
        application: String,
        /// The release it is placed in.
        release: String,
    },
    /// The application, or one it needs, failed to start.
    #[error("application `{application}` failed to start: {reason}")]
    StartFailed {
        /// The application that failed.
        application: String,
        /// What its start function said.
        reason: String,
    },
    /// Running applications depend on it. Nothing was stopped.
    #[error("`{application}` is used by {}", backticked(dependents))]
    HasDependents {
        /// What was asked to stop.
        application: String,
        /// Who would lose it.
        dependents: Vec<String>,
    },
    /// The node did not come up.
    #[error("{message}")]
    BootFailed {
        /// What the node said.
        message: String,
    },
    /// Nobody in the node has that name, or that pid.
    #[error("{message}")]
    UnknownServer {
        /// What the node said.
        message: String,
        /// The names that there are.
        #[serde(default)]
        known: Vec<String>,
    },
    /// The server has no such method.
    #[error("{message}")]
    UnknownMethod {
        /// What the node said.
        message: String,
        /// What it was asked for.
        method: String,
        /// The methods that there are.
        #[serde(default)]
        known: Vec<String>,
        /// How each is called.
        #[serde(default)]
        signatures: Vec<String>,
    },
    /// The method takes other arguments.
    #[error("{message}")]
    BadArguments {
        /// What the node said.
        message: String,
        /// How it is called.
        #[serde(default)]
        signature: String,
    },
    /// The process did not answer in time.
    #[error("{message}")]
    TimedOut {
        /// What the node said.
        message: String,
    },
    /// A kind that this version of the command line does not know.
    #[error("{message}")]
    Other {
        /// What the node said.
        message: String,
    },
}

/// `` `a`, `b` and `c` ``.
fn backticked(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}
