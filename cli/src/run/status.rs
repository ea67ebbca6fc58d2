//! What a node says about itself, as the control socket carries it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A running node and its applications.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct NodeStatus {
    /// The release that runs.
    pub release: String,
    /// The full name of the node, `c-2@127.0.0.1`; empty if an older program runs.
    #[serde(default)]
    pub node: String,
    /// Which instance of its release it is, if that runs in several nodes.
    #[serde(default)]
    pub instance: Option<u32>,
    /// The releases of the deployment that run in several nodes, and in how many.
    #[serde(default)]
    pub instances: BTreeMap<String, u32>,
    /// The nodes it is connected to.
    #[serde(default)]
    pub connected: Vec<String>,
    /// Its version.
    pub release_version: String,
    /// The deployment it is part of, `[a,b]+[c]`.
    #[serde(default)]
    pub deployment: Option<String>,
    /// `dev`, `test` or `prod`.
    pub env: String,
    /// The operating system's process.
    pub pid: u32,
    /// Whether it boots, runs or stops.
    pub state: NodeState,
    /// When it started, in milliseconds since 1970.
    pub started_unix_ms: u64,
    /// For how long it has been up.
    pub uptime_ms: u64,
    /// Everything it contains or knows of, in start order.
    pub applications: Vec<ApplicationStatus>,
}

impl NodeStatus {
    /// What people call it: `c`, or `c-2` for the second instance of `c`.
    #[must_use]
    pub fn name(&self) -> &str {
        match self.node.split_once('@') {
            Some((name, _host)) => name,
            None => &self.release,
        }
    }
}

/// Where a node is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeState {
    /// Its applications are being started.
    Starting,
    /// All of them are up.
    Running,
    /// They are being stopped.
    Stopping,
    /// A word that this version does not know.
    #[serde(other)]
    Unknown,
}

/// One application of a node.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct ApplicationStatus {
    /// Its name.
    pub name: String,
    /// Its version.
    #[serde(default)]
    pub version: String,
    /// Whether it has processes.
    pub kind: ApplicationKind,
    /// Where it is in its life.
    pub state: ApplicationState,
    /// The release that it runs in, when that is another one.
    #[serde(default)]
    pub release: Option<String>,
    /// `permanent`, `transient` or `temporary`.
    #[serde(default)]
    pub start_type: Option<String>,
    /// The applications it needs.
    #[serde(default)]
    pub depends_on: Vec<String>,
    /// For how long it has been running.
    #[serde(default)]
    pub uptime_ms: Option<u64>,
    /// How often its supervisors restarted a process.
    #[serde(default)]
    pub restarts: u64,
    /// How many processes it has.
    #[serde(default)]
    pub processes: u64,
    /// The last process of it that crashed.
    #[serde(default)]
    pub last_crash: Option<Crash>,
}

/// Whether an application has something to start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationKind {
    /// It has a supervision tree.
    Supervised,
    /// It is code only.
    Library,
    /// A word that this version does not know.
    #[serde(other)]
    Unknown,
}

/// Where an application is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationState {
    /// Known and not asked to start.
    Loaded,
    /// On its way up.
    Starting,
    /// Up.
    Running,
    /// On its way down.
    Stopping,
    /// Down because somebody asked.
    Stopped,
    /// Down because it broke.
    Failed,
    /// It runs in another release.
    Elsewhere,
    /// A word that this version does not know.
    #[serde(other)]
    Unknown,
}

/// The end of a process that was not asked for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Crash {
    /// Its exit reason.
    pub reason: String,
    /// Its name or pid.
    #[serde(default)]
    pub process: Option<String>,
    /// When, in milliseconds since 1970.
    #[serde(default)]
    pub at_unix_ms: u64,
}
