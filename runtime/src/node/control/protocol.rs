//! PURE: what is said over the control socket.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::look::Look;
use crate::application::{StartType, State};

/// The version of the protocol, in every request and every reply.
pub(crate) const VERSION: u32 = 1;

/// A question or an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "snake_case")]
pub(crate) enum Request {
    /// What the node and its applications are doing: [`Status`].
    Status,
    /// Answered when the boot is done: [`Ready`], or the error `boot_failed`.
    Ready,
    /// Starts applications and what they need: [`Started`].
    Start { applications: Vec<String> },
    /// Stops applications: [`Stopped`].
    Stop {
        applications: Vec<String>,
        #[serde(default)]
        with_dependents: bool,
    },
    /// Stops applications and brings them back: [`Restarted`].
    Restart {
        applications: Vec<String>,
        #[serde(default)]
        with_dependents: bool,
    },
    /// Reads the configuration again and tells the applications that it concerns: [`Reloaded`], or the error
    /// `bad_config`, and then nothing has changed.
    Reload,
    /// Stops the node; the connection ends when it is gone.
    Shutdown {
        /// Whether a new node takes the place of this one, in the same process.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        restart: bool,
    },
    /// Has the node know that a release of the deployment runs in so many nodes from now on.
    Scale { release: String, instances: u32 },
    /// Tells of each message that a server takes and each reply that it gives: `event` lines, then the answer. Ends after
    /// so many of them, or so long, or with the next line from the other side.
    Trace { process: String, messages: Option<u64>, timeout_ms: Option<u64> },
    /// A look into what runs, or a hand on it.
    #[serde(untagged, skip_deserializing)]
    Look(Look),
}

/// The answer to [`Request::Status`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Status {
    pub release: String,
    /// The full name of the node.
    pub node: String,
    /// Which instance of the release it is, if that runs in several nodes.
    pub instance: Option<u32>,
    /// The releases of the deployment that run in several nodes, and in how many.
    pub instances: BTreeMap<String, u32>,
    /// The full names of the nodes it is connected to, by name.
    pub connected: Vec<String>,
    pub release_version: String,
    /// The deployment the release was built for, if it has a name.
    pub deployment: Option<String>,
    pub env: String,
    pub pid: u32,
    pub state: NodeState,
    pub started_unix_ms: u64,
    pub uptime_ms: u64,
    /// In start order.
    pub applications: Vec<ApplicationStatus>,
}

/// What a node is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum NodeState {
    Starting,
    Running,
    Stopping,
}

/// One application in [`Status`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ApplicationStatus {
    pub name: String,
    pub version: String,
    pub kind: Kind,
    pub state: State,
    /// Where it runs, for an application elsewhere.
    pub release: Option<String>,
    pub start_type: StartType,
    pub depends_on: Vec<String>,
    /// Nothing while it does not run.
    pub uptime_ms: Option<u64>,
    pub restarts: u64,
    pub processes: u64,
    pub last_crash: Option<LastCrash>,
}

/// Whether an application has processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Supervised,
    Library,
}

/// The crash of a process of an application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LastCrash {
    pub reason: String,
    pub process: String,
    pub at_unix_ms: u64,
}

/// The answer to [`Request::Ready`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ready {
    /// Those that were started, in start order.
    pub applications: Vec<String>,
}

/// The answer to [`Request::Start`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Started {
    pub started: Vec<String>,
    pub already: Vec<String>,
    pub duration_ms: u64,
}

/// The answer to [`Request::Stop`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stopped {
    pub stopped: Vec<String>,
    pub already: Vec<String>,
    pub duration_ms: u64,
}

/// The answer to [`Request::Restart`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Restarted {
    pub stopped: Vec<String>,
    pub started: Vec<String>,
    pub duration_ms: u64,
}

/// The answer to [`Request::Reload`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reloaded {
    /// The applications whose configuration has changed, in the order in which they were told.
    pub applications: Vec<ChangedConfig>,
    pub duration_ms: u64,
}

/// What is different for one application, by key; values may be secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ChangedConfig {
    pub name: String,
    pub changed: Vec<String>,
    pub added: Vec<String>,
    pub removed: Vec<String>,
    /// Why the application did not take note of it.
    pub error: Option<String>,
}

/// A request that was not carried out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Refusal {
    /// What programs look at.
    pub kind: String,
    /// What people read.
    pub message: String,
    /// The facts of the message.
    #[serde(flatten)]
    pub facts: Map<String, Value>,
}

impl Refusal {
    /// A refusal without further facts.
    pub(crate) fn new(kind: &str, message: impl Into<String>) -> Self {
        Self { kind: kind.into(), message: message.into(), facts: Map::new() }
    }

    /// The refusal with one more fact.
    pub(crate) fn with(mut self, name: &str, fact: impl Into<Value>) -> Self {
        self.facts.insert(name.into(), fact.into());
        self
    }
}

/// A line of the protocol: the version and what is said, in this order.
#[derive(Serialize)]
struct Line<T> {
    version: u32,
    #[serde(flatten)]
    said: T,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Reply<T> {
    Event(T),
    Ok(T),
    Error(Refusal),
}

/// One line for a request.
pub(crate) fn request_line(request: &Request) -> String {
    line(request)
}

/// Understands the line of a request.
pub(crate) fn parse_request(line: &[u8]) -> Result<Request, Refusal> {
    let bad = |error: serde_json::Error| Refusal::new("bad_request", format!("not a request: {error}"));
    let value: Value = serde_json::from_slice(line).map_err(bad)?;
    check_version(&value)?;
    match Look::deserialize(&value) {
        Ok(look) => Ok(Request::Look(look)),
        Err(error) if error.to_string().starts_with("unknown variant") => {
            Request::deserialize(value).map_err(bad)
        }
        Err(error) => Err(bad(error)),
    }
}

/// One line for a reply.
pub(crate) fn reply_line<T: Serialize>(reply: Result<T, Refusal>) -> String {
    line(match reply {
        Ok(ok) => Reply::Ok(ok),
        Err(refusal) => Reply::Error(refusal),
    })
}

/// One line of several before the reply.
pub(crate) fn event_line<T: Serialize>(event: T) -> String {
    line(Reply::Event(event))
}

/// Understands the line of a reply.
pub(crate) fn parse_reply(line: &[u8]) -> Result<Result<Value, Refusal>, Refusal> {
    let bad = |error: serde_json::Error| Refusal::new("bad_reply", format!("not a reply: {error}"));
    let mut value: Value = serde_json::from_slice(line).map_err(bad)?;
    check_version(&value)?;
    match (value.get_mut("ok").map(Value::take), value.get_mut("error").map(Value::take)) {
        (Some(ok), None) => Ok(Ok(ok)),
        (None, Some(error)) => Ok(Err(Refusal::deserialize(error).map_err(bad)?)),
        _ => Err(Refusal::new("bad_reply", "neither `ok` nor `error`")),
    }
}

fn line<T: Serialize>(said: T) -> String {
    let line = serde_json::to_string(&Line { version: VERSION, said });
    // Requests and replies are plain data: nothing in them that JSON cannot write.
    line.expect("the protocol can be written as JSON") + "\n"
}

fn check_version(value: &Value) -> Result<(), Refusal> {
    match value.get("version").and_then(Value::as_u64) {
        Some(version) if version == u64::from(VERSION) => Ok(()),
        version => {
            let spoken = version.map_or("none".to_owned(), |version| version.to_string());
            let message = format!("version {spoken} of the control protocol is not spoken here");
            Err(Refusal::new("unsupported_version", message).with("supported", vec![VERSION]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_read_as_agreed() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let table = [
            (r#"{"version":1,"request":"status"}"#, Request::Status),
            (r#"{"version":1,"request":"ready"}"#, Request::Ready),
            (
                r#"{"version":1,"request":"start","applications":["b"]}"#,
                Request::Start { applications: names(&["b"]) },
            ),
            (
                r#"{"version":1,"request":"stop","applications":["b"],"with_dependents":true}"#,
                Request::Stop { applications: names(&["b"]), with_dependents: true },
            ),
            (
                r#"{"version":1,"request":"restart","applications":["b"]}"#,
                Request::Restart { applications: names(&["b"]), with_dependents: false },
            ),
            (r#"{"version":1,"request":"reload"}"#, Request::Reload),
            (r#"{"version":1,"request":"shutdown"}"#, Request::Shutdown { restart: false }),
            (r#"{"version":1,"request":"tree"}"#, Request::Look(Look::Tree { applications: Vec::new() })),
            (
                r#"{"version":1,"request":"kill","process":"<0.4.0>"}"#,
                Request::Look(Look::Kill { process: "<0.4.0>".into() }),
            ),
        ];
        for (line, request) in table {
            assert_eq!(parse_request(line.as_bytes()), Ok(request.clone()), "{line}");
            let written = request_line(&request);
            assert_eq!(parse_request(written.trim_end().as_bytes()), Ok(request), "{written}");
        }
    }

    #[test]
    fn what_is_no_request_is_refused_by_kind() {
        let table = [
            ("", "bad_request"),
            ("[]", "unsupported_version"),
            (r#"{"request":"status"}"#, "unsupported_version"),
            (r#"{"version":2,"request":"status"}"#, "unsupported_version"),
            (r#"{"version":1,"request":"dance"}"#, "bad_request"),
            (r#"{"version":1,"request":"start"}"#, "bad_request"),
            (r#"{"version":1,"request":"kill"}"#, "bad_request"),
        ];
        for (line, kind) in table {
            assert_eq!(parse_request(line.as_bytes()).expect_err(line).kind, kind, "{line}");
        }
    }

    #[test]
    fn a_reply_is_one_line_and_comes_back() {
        let ready = Ready { applications: vec!["c".into()] };
        let line = reply_line(Ok(&ready));
        assert_eq!(line, "{\"version\":1,\"ok\":{\"applications\":[\"c\"]}}\n");
        let ok = parse_reply(line.as_bytes()).expect("a reply").expect("ok");
        assert_eq!(Ready::deserialize(ok).expect("of this shape"), ready);

        let refusal = Refusal::new("has_dependents", "application `b` is needed by `a`")
            .with("application", "b")
            .with("dependents", vec!["a"]);
        let line = reply_line::<()>(Err(refusal.clone()));
        assert_eq!(
            line,
            "{\"version\":1,\"error\":{\"kind\":\"has_dependents\",\"message\":\"application `b` is needed by `a`\",\
             \"application\":\"b\",\"dependents\":[\"a\"]}}\n"
        );
        assert_eq!(parse_reply(line.as_bytes()).expect("a reply"), Err(refusal));
    }
}
