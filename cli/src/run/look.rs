//! What a node tells of what runs in it, and what can be done to that.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::control::{Control, ControlError, STATUS_TIMEOUT};
use super::status::ApplicationState;

/// How much longer we wait than the node: it says itself that a time is over, and what took so long.
const GRACE: Duration = Duration::from_secs(1);

/// The supervision tree of an application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationTree {
    /// Its name.
    pub name: String,
    /// Where it is in its life.
    pub state: ApplicationState,
    /// Where it runs, if elsewhere.
    #[serde(default)]
    pub release: Option<String>,
    /// How often its supervisors restarted a process.
    #[serde(default)]
    pub restarts: u64,
    /// Its top; nothing if it has no processes.
    pub tree: Option<Branch>,
}

/// A process, or a child that does not run, and what is below it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Branch {
    /// What its supervisor calls it.
    #[serde(default)]
    pub id: Option<String>,
    /// `application`, `supervisor`, `worker` or `process`.
    pub kind: String,
    /// How often it was restarted because of itself, if somebody counts.
    #[serde(default)]
    pub restarts: Option<u32>,
    /// `running`, `restarting` or `stopped`.
    pub life: String,
    /// The process, if it runs.
    #[serde(flatten)]
    pub process: Option<ProcessView>,
    /// What is below it, in start order.
    pub children: Vec<Branch>,
}

/// A process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessView {
    /// As it prints: `<0.4.0>`.
    pub pid: String,
    /// The name it is registered under.
    pub name: Option<String>,
    /// Its type.
    #[serde(rename = "type")]
    pub label: String,
    /// The application it belongs to.
    pub application: String,
    /// The process that spawned it.
    #[serde(default)]
    pub parent: Option<String>,
    /// `waiting`, `running` or `suspended`.
    pub state: String,
    /// The callback that runs.
    pub handler: Option<String>,
    /// How many messages wait.
    pub queued: u64,
    /// How many messages it took so far.
    pub handled: u64,
    /// What is known of its memory.
    pub memory_bytes: Option<u64>,
    /// How many processes it is linked to.
    #[serde(default)]
    pub links: u64,
    /// Whether it traps exits.
    #[serde(default)]
    pub trap_exit: bool,
}

/// All processes of a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Processes {
    /// What the program has of the memory of its machine.
    #[serde(default)]
    pub memory_bytes: Option<u64>,
    /// The oldest place first.
    pub processes: Vec<ProcessView>,
}

/// A server that has a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerView {
    /// Its name.
    pub name: String,
    /// Its process.
    pub pid: String,
    /// The application it belongs to.
    pub application: String,
    /// Its type.
    #[serde(rename = "type")]
    pub label: String,
    /// What it can be called with from outside.
    pub methods: Vec<Method>,
}

/// What a server can be called with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Method {
    /// Its name.
    pub name: String,
    /// `call` or `cast`.
    pub kind: String,
    /// `add(by: i64) -> i64`.
    pub signature: String,
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Called {
    /// Who was called.
    pub server: String,
    /// Its process.
    pub pid: String,
    /// What with.
    pub method: String,
    /// `call` or `cast`, which has no reply.
    pub kind: String,
    /// What it answered.
    pub reply: Value,
    /// How long that took.
    pub took_us: u64,
}

/// The state of a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateView {
    /// Its name, or that of its type.
    pub process: String,
    /// Its process.
    pub pid: String,
    /// Its type.
    #[serde(rename = "type")]
    pub label: String,
    /// As its `Debug` writes it.
    pub state: String,
    /// The handler that has it now; then it is the state as that began.
    pub as_handler_began: Option<String>,
}

/// A process group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its scope.
    pub scope: String,
    /// Its name.
    pub name: String,
    /// Who has joined.
    pub members: Vec<Member>,
}

/// A member of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The process.
    pub pid: String,
    /// Where it runs.
    pub node: Option<String>,
    /// What it is called, if it runs here.
    pub name: Option<String>,
}

/// What went wrong in an application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crashed {
    /// Its name.
    pub name: String,
    /// Where it is in its life now.
    pub state: ApplicationState,
    /// How often its supervisors restarted a process.
    pub restarts: u64,
    /// The oldest first.
    pub incidents: Vec<Incident>,
}

/// One thing that went wrong, or was done about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// When.
    pub at_unix_ms: u64,
    /// `crash`, `child_terminated`, `start_error`, `gave_up`, `shutdown_error` or `application_ended`.
    pub kind: String,
    /// Who crashed, or decided.
    pub process: String,
    /// Its process.
    pub pid: Option<String>,
    /// The process it is about, of what a supervisor did.
    pub about: Option<String>,
    /// What happened, and why.
    pub text: String,
}

/// What [`Crashed`] comes in.
#[derive(Debug, Deserialize)]
pub struct Crashes {
    /// In start order.
    pub applications: Vec<Crashed>,
}

/// A message of a traced server, or how the trace ended.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Traced {
    /// A message.
    Message {
        /// The message.
        event: TracedMessage,
    },
    /// There are no more.
    End {
        /// How many there were.
        messages: u64,
        /// `messages`, `time`, `process` or `client`.
        ended: String,
    },
}

/// A message that a server took, or a reply that it gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TracedMessage {
    /// When.
    pub at_unix_ms: u64,
    /// `in` or `out`.
    pub direction: String,
    /// The message, as its `Debug` writes it.
    pub text: String,
}

#[derive(Deserialize)]
struct Trees {
    applications: Vec<ApplicationTree>,
}

#[derive(Deserialize)]
struct Servers {
    servers: Vec<ServerView>,
}

#[derive(Deserialize)]
struct Groups {
    groups: Vec<Group>,
}

impl Control {
    /// The supervision trees of these applications, or of all.
    ///
    /// # Errors
    /// [`ControlError`].
    pub fn trees(&mut self, applications: &[String]) -> Result<Vec<ApplicationTree>, ControlError> {
        let facts = json!({ "applications": applications });
        self.request("tree", facts, Some(STATUS_TIMEOUT)).map(|Trees { applications }| applications)
    }

    /// All processes.
    ///
    /// # Errors
    /// [`ControlError`].
    pub fn processes(&mut self) -> Result<Processes, ControlError> {
        self.request("processes", json!({}), Some(STATUS_TIMEOUT))
    }

    /// The servers that have names, by name.
    ///
    /// # Errors
    /// [`ControlError`].
    pub fn servers(&mut self) -> Result<Vec<ServerView>, ControlError> {
        self.request("servers", json!({}), Some(STATUS_TIMEOUT)).map(|Servers { servers }| servers)
    }

    /// The process groups with their members.
    ///
    /// # Errors
    /// [`ControlError`].
    pub fn groups(&mut self) -> Result<Vec<Group>, ControlError> {
        self.request("pg", json!({}), Some(STATUS_TIMEOUT)).map(|Groups { groups }| groups)
    }

    /// Calls a method of a server.
    ///
    /// # Errors
    /// [`ControlError`]; a [`Refusal`](super::control::Refusal) says what is wrong with the call.
    pub fn call(
        &mut self,
        server: &str,
        method: &str,
        arguments: &[Value],
        timeout: Duration,
    ) -> Result<Called, ControlError> {
        let facts = json!({
            "server": server, "method": method, "arguments": arguments, "timeout_ms": millis(timeout),
        });
        self.request("call", facts, Some(timeout + GRACE))
    }

    /// The state of a server.
    ///
    /// # Errors
    /// [`ControlError`].
    pub fn state(&mut self, process: &str, timeout: Duration) -> Result<StateView, ControlError> {
        let facts = json!({ "process": process, "timeout_ms": millis(timeout) });
        self.request("state", facts, Some(timeout + GRACE))
    }

    /// Ends a process unconditionally.
    ///
    /// # Errors
    /// [`ControlError`].
    pub fn kill(&mut self, process: &str) -> Result<(), ControlError> {
        self.order("kill", process)
    }

    /// Sends a process an exit signal: `normal`, `shutdown`, or any other reason.
    ///
    /// # Errors
    /// [`ControlError`].
    pub fn exit(&mut self, process: &str, reason: &str) -> Result<(), ControlError> {
        self.ordered("exit", json!({ "process": process, "reason": reason }))
    }

    /// Has a server take no messages.
    ///
    /// # Errors
    /// [`ControlError`].
    pub fn suspend(&mut self, process: &str) -> Result<(), ControlError> {
        self.order("suspend", process)
    }

    /// Has it take them again.
    ///
    /// # Errors
    /// [`ControlError`].
    pub fn resume(&mut self, process: &str) -> Result<(), ControlError> {
        self.order("resume", process)
    }

    fn order(&mut self, order: &str, process: &str) -> Result<(), ControlError> {
        self.ordered(order, json!({ "process": process }))
    }

    fn ordered(&mut self, order: &str, facts: Value) -> Result<(), ControlError> {
        let timeout = Duration::from_secs(5) + GRACE;
        self.request::<Value>(order, facts, Some(timeout)).map(drop)
    }

    /// What went wrong in these applications, or in all.
    ///
    /// # Errors
    /// [`ControlError`].
    pub fn crashes(&mut self, applications: &[String]) -> Result<Vec<Crashed>, ControlError> {
        let facts = json!({ "applications": applications });
        self.request("crashes", facts, Some(STATUS_TIMEOUT)).map(|Crashes { applications }| applications)
    }

    /// Begins to trace a server; [`traced`](Self::traced) gives what comes.
    ///
    /// # Errors
    /// [`ControlError`].
    pub fn trace(
        &mut self,
        process: &str,
        messages: Option<u64>,
        timeout: Duration,
    ) -> Result<(), ControlError> {
        let facts = json!({ "process": process, "messages": messages, "timeout_ms": millis(timeout) });
        self.send("trace", facts, Some(timeout + GRACE))
    }

    /// The next message of a trace, or its end.
    ///
    /// # Errors
    /// [`ControlError`]; a refusal if it could not be begun.
    pub fn traced(&mut self, timeout: Duration) -> Result<Traced, ControlError> {
        self.receive(Some(timeout + GRACE))
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
