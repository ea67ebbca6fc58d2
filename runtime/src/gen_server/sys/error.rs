//! How system requests fail.

use std::time::Duration;

use crate::process::ExitReason;

/// Why a system request was not done.
///
/// Source: OTP `sys(3)`: `noproc`, `timeout`, `calling_self`, `{callback_failed, ..}`, the process's exit reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SysError {
    /// Asked from outside a node.
    #[error("not asked from a node: processes are found only inside one")]
    NoNode,
    /// There is no such process.
    #[error("no such process")]
    NoProc,
    /// The process has no loop that could answer: it is not a server.
    #[error("the process is not a server: it answers no system requests")]
    NotAServer,
    /// A process asked itself, which could only time out.
    #[error("a process cannot ask itself")]
    CallingSelf,
    /// The process did not come to answer in time.
    #[error("timed out: {}", busy(.handler, .running))]
    Timeout {
        /// The handler that runs; nothing if none does, and the process only does not get its turn.
        handler: Option<&'static str>,
        /// For how long it has been running; at least so long, if nobody watched when it began.
        running: Duration,
    },
    /// The process ended before it answered.
    #[error("the process exited: {0}")]
    Exited(ExitReason),
    /// The process is another server than the one that was asked for.
    #[error("the process is not a `{expected}`")]
    OtherServer {
        /// The type that was asked for.
        expected: &'static str,
    },
    /// The state cannot be written down: its type is not `Debug`.
    #[error("the state of `{0}` is not `Debug`")]
    NotDebug(&'static str),
    /// The function given to [`replace_state`](super::replace_state) panicked; the state is as it was.
    #[error("the function panicked and the state is as it was: {0}")]
    CallbackFailed(String),
}

fn busy(handler: &Option<&'static str>, running: &Duration) -> String {
    match handler {
        Some(handler) => format!("`{handler}` has been running for {running:?}"),
        None => format!("the process got no turn within {running:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_names_who_keeps_the_process_busy() {
        let timeout = |handler| SysError::Timeout { handler, running: Duration::from_secs(5) }.to_string();
        assert_eq!(timeout(Some("charge")), "timed out: `charge` has been running for 5s");
        assert_eq!(timeout(None), "timed out: the process got no turn within 5s");
    }
}
