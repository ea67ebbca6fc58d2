//! The synchronous client of a node's control socket.
//!
//! One JSON object per line, one reply line per request. The protocol is the only thing this crate knows of a running
//! node; `runtime/src/node/control/` is the other end.

mod refusal;
#[cfg(test)]
mod tests;

use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use miette::Diagnostic;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use self::refusal::Refusal;
use super::status::NodeStatus;
use crate::error::Failure;
use crate::exit::ExitCode;

/// The version of the protocol that this client speaks.
const VERSION: u64 = 1;

/// How long a node may take to say how it is. It answers from its control lane, so only a stuck node needs longer.
pub const STATUS_TIMEOUT: Duration = Duration::from_secs(2);

/// An open connection to a node.
#[derive(Debug)]
pub struct Control {
    replies: BufReader<UnixStream>,
}

/// Why a request did not come back with what it asked for.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[non_exhaustive]
pub enum ControlError {
    /// Nobody listens: the socket is missing or its owner is gone.
    #[error("no node listens on the control socket")]
    NotRunning,
    /// The node went away before it replied.
    #[error("the node closed the connection before it replied")]
    Closed,
    /// The node did not reply in time.
    #[error("the node did not reply within {} s", .0.as_secs_f64())]
    TimedOut(Duration),
    /// The reply is not one of this protocol.
    #[error("the node replied with something unexpected: {0}")]
    Malformed(String),
    /// The node understood the request and refused it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The operating system said no.
    #[error("control socket: {0}")]
    Io(#[source] io::Error),
}

impl Failure for ControlError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::TimedOut(_) | Self::Refused(Refusal::TimedOut { .. }) => ExitCode::TimedOut,
            Self::NotRunning | Self::Closed | Self::Malformed(_) | Self::Refused(_) | Self::Io(_) => {
                ExitCode::Failed
            }
        }
    }
}

/// What a `start` request did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Started {
    /// Started now, in the order of starting.
    pub started: Vec<String>,
    /// Named in the request and running before it.
    #[serde(default)]
    pub already: Vec<String>,
    /// How long it took.
    #[serde(default)]
    pub duration_ms: u64,
}

/// What a `stop` request did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Stopped {
    /// Stopped now, in the order of stopping.
    pub stopped: Vec<String>,
    /// Named in the request and stopped before it.
    #[serde(default)]
    pub already: Vec<String>,
    /// How long it took.
    #[serde(default)]
    pub duration_ms: u64,
}

/// What a `restart` request did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Restarted {
    /// Stopped, in the order of stopping.
    pub stopped: Vec<String>,
    /// Started, in the order of starting.
    pub started: Vec<String>,
    /// How long both took.
    #[serde(default)]
    pub duration_ms: u64,
}

impl Control {
    /// Connects to the socket at `path`.
    ///
    /// # Errors
    /// [`ControlError::NotRunning`] when there is no socket or nobody behind it.
    pub fn connect(path: &Path) -> Result<Self, ControlError> {
        match UnixStream::connect(path) {
            Ok(stream) => Ok(Self { replies: BufReader::new(stream) }),
            Err(error) if is_absent(&error) => Err(ControlError::NotRunning),
            Err(error) => Err(ControlError::Io(error)),
        }
    }

    /// The process that listens on the other end, as the kernel knows it.
    ///
    /// Unlike the number in a file or in a reply it cannot be stale or invented, and a node that hangs has it too.
    #[cfg(target_os = "linux")]
    #[must_use]
    pub fn peer(&self) -> Option<rustix::process::Pid> {
        rustix::net::sockopt::socket_peercred(self.replies.get_ref()).ok().map(|credentials| credentials.pid)
    }

    /// How the node and its applications are.
    ///
    /// # Errors
    /// [`ControlError`], [`ControlError::TimedOut`] after [`STATUS_TIMEOUT`].
    pub fn status(&mut self) -> Result<NodeStatus, ControlError> {
        self.request("status", json!({}), Some(STATUS_TIMEOUT))
    }

    /// Waits until the node has booted, for at most `timeout`.
    ///
    /// # Errors
    /// [`Refusal::BootFailed`] when it will not, [`ControlError`] otherwise.
    pub fn ready(&mut self, timeout: Duration) -> Result<(), ControlError> {
        self.request::<Value>("ready", json!({}), Some(timeout)).map(|_| ())
    }

    /// Starts `applications` and what they need.
    ///
    /// # Errors
    /// [`ControlError`]; a [`Refusal`] names the application that could not be started.
    pub fn start(&mut self, applications: &[String], timeout: Duration) -> Result<Started, ControlError> {
        self.request("start", json!({ "applications": applications }), Some(timeout))
    }

    /// Stops `applications`, and who depends on them if `with_dependents`.
    ///
    /// # Errors
    /// [`Refusal::HasDependents`] when somebody does and may not be stopped; nothing was stopped then.
    pub fn stop(
        &mut self,
        applications: &[String],
        with_dependents: bool,
        timeout: Duration,
    ) -> Result<Stopped, ControlError> {
        let facts = json!({ "applications": applications, "with_dependents": with_dependents });
        self.request("stop", facts, Some(timeout))
    }

    /// Stops `applications` and starts them again; dependents, if allowed, go first and come back.
    ///
    /// # Errors
    /// As [`Control::stop`] and [`Control::start`].
    pub fn restart(
        &mut self,
        applications: &[String],
        with_dependents: bool,
        timeout: Duration,
    ) -> Result<Restarted, ControlError> {
        let facts = json!({ "applications": applications, "with_dependents": with_dependents });
        self.request("restart", facts, Some(timeout))
    }

    /// Has the node read its configuration again; the applications that were told of something.
    ///
    /// # Errors
    /// [`ControlError`]; a refusal if something in it is wrong, and then nothing has changed.
    pub fn reload(&mut self, timeout: Duration) -> Result<Vec<String>, ControlError> {
        let reloaded = self.request::<Value>("reload", json!({}), Some(timeout))?;
        let applications = reloaded["applications"].as_array().into_iter().flatten();
        Ok(applications.filter_map(|application| application["name"].as_str()).map(str::to_owned).collect())
    }

    /// Has the node know that a release runs in so many nodes from now on.
    ///
    /// # Errors
    /// [`ControlError`].
    pub fn scale(&mut self, release: &str, instances: u32) -> Result<(), ControlError> {
        let facts = json!({ "release": release, "instances": instances });
        self.request::<Value>("scale", facts, Some(STATUS_TIMEOUT)).map(drop)
    }

    /// Asks the node to stop its applications in reverse order and to go. Does not wait for that.
    ///
    /// # Errors
    /// [`ControlError`]. A node that is gone before its reply arrives has done what was asked, so that is no error.
    pub fn shutdown(&mut self) -> Result<(), ControlError> {
        match self.request::<Value>("shutdown", json!({}), Some(STATUS_TIMEOUT)) {
            Ok(_) | Err(ControlError::Closed) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Sends one request and reads its reply.
    pub(super) fn request<T: DeserializeOwned>(
        &mut self,
        request: &str,
        facts: Value,
        timeout: Option<Duration>,
    ) -> Result<T, ControlError> {
        self.send(request, facts, timeout)?;
        self.receive(timeout)
    }

    /// Sends one request, whose replies are [received](Self::receive) one after the other.
    pub(super) fn send(
        &mut self,
        request: &str,
        mut facts: Value,
        timeout: Option<Duration>,
    ) -> Result<(), ControlError> {
        facts["version"] = json!(VERSION);
        facts["request"] = json!(request);
        let stream = self.replies.get_mut();
        // A zero time-out means "for ever" to the operating system and is refused by std.
        let timeout = timeout.map(|limit| limit.max(Duration::from_millis(1)));
        stream.set_read_timeout(timeout).map_err(ControlError::Io)?;
        stream.write_all(format!("{facts}\n").as_bytes()).map_err(lost)
    }

    /// Reads a reply, or an event before it.
    pub(super) fn receive<T: DeserializeOwned>(
        &mut self,
        timeout: Option<Duration>,
    ) -> Result<T, ControlError> {
        let mut line = String::new();
        match self.replies.read_line(&mut line) {
            Ok(0) => Err(ControlError::Closed),
            Ok(_) => understand(&line),
            Err(error) if is_timeout(&error) => Err(ControlError::TimedOut(timeout.unwrap_or_default())),
            Err(error) => Err(lost(error)),
        }
    }
}

/// A reply line as the answer or the refusal that it carries.
fn understand<T: DeserializeOwned>(line: &str) -> Result<T, ControlError> {
    let malformed =
        |error: serde_json::Error| ControlError::Malformed(format!("{error}: {}", line.trim_end()));
    let mut reply: Value = serde_json::from_str(line).map_err(malformed)?;
    if let Some(error) = reply.get("error") {
        return Err(refusal(error).into());
    }
    if let Some(event) = reply.get_mut("event") {
        return serde_json::from_value(json!({ "event": event.take() })).map_err(malformed);
    }
    match reply.get_mut("ok") {
        Some(ok) => serde_json::from_value(ok.take()).map_err(malformed),
        None => Err(ControlError::Malformed(line.trim_end().to_owned())),
    }
}

/// A kind that is not known here, or one that lacks a fact, still has its message.
fn refusal(error: &Value) -> Refusal {
    Refusal::deserialize(error).unwrap_or_else(|_| {
        let message =
            error.get("message").and_then(Value::as_str).map_or_else(|| error.to_string(), str::to_owned);
        Refusal::Other { message }
    })
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused)
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

/// A connection that breaks in the middle means that the node went.
fn lost(error: io::Error) -> ControlError {
    if matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset) {
        ControlError::Closed
    } else {
        ControlError::Io(error)
    }
}
