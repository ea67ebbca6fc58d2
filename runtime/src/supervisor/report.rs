//! What operators are told: one structured event for each thing that went wrong, through `tracing`.
//!
//! Target `umbrella::supervisor_report`, level error; starts go to `umbrella::progress`, level debug.

use std::fmt;

use super::child_spec::ChildSpec;
use super::termination::{Termination, is_expected};
use crate::process::{GroupLeader, Pid};

/// What a supervisor was doing.
///
/// Source: OTP supervisor reports, `errorContext`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum ErrorContext {
    /// A child ended by itself.
    ChildTerminated,
    /// A child could not be started.
    StartError,
    /// The supervisor gives up, because of this child.
    Shutdown,
    /// A child ended otherwise than asked.
    ShutdownError,
}

impl ErrorContext {
    fn as_str(self) -> &'static str {
        match self {
            Self::ChildTerminated => "child_terminated",
            Self::StartError => "start_error",
            Self::Shutdown => "shutdown",
            Self::ShutdownError => "shutdown_error",
        }
    }

    /// How the report reads, with the child before and the reason after it.
    fn phrase(self) -> &'static str {
        match self {
            Self::ChildTerminated => "ended",
            Self::StartError => "did not start",
            Self::Shutdown => "makes the supervisor give up",
            Self::ShutdownError => "did not shut down as asked",
        }
    }
}

/// Who reports.
pub(super) struct Reporter<'a> {
    pub(super) leader: &'a GroupLeader,
    /// The registered name of the supervisor, if it has one.
    pub(super) name: Option<&'a str>,
    pub(super) pid: Pid,
}

impl Reporter<'_> {
    /// Reports what went wrong with `offender`, which was or is the process `pid`.
    pub(super) fn error(
        &self,
        context: ErrorContext,
        reason: &dyn fmt::Display,
        offender: &ChildSpec,
        pid: Option<Pid>,
    ) {
        tracing::error!(
            target: "umbrella::supervisor_report",
            application = self.leader.name(),
            supervisor = %self,
            context = context.as_str(),
            reason = %reason,
            offender.id = &*offender.id,
            offender.pid = pid.map(tracing::field::display),
            offender.restart = ?offender.restart,
            offender.kind = ?offender.kind,
            "supervisor {self}: child `{}` {}: {reason}", offender.id, context.phrase(),
        );
    }

    /// Reports a child that did not end as it was asked to; says nothing of one that did.
    pub(super) fn termination(&self, child: &ChildSpec, pid: Pid, termination: &Termination) {
        match termination {
            Termination::Ended(reason) if is_expected(child.shutdown, child.restart, reason) => {}
            Termination::Ended(reason) => self.error(ErrorContext::ShutdownError, reason, child, Some(pid)),
            Termination::Abandoned => {
                let reason = "killed, but it never yields: left behind";
                self.error(ErrorContext::ShutdownError, &reason, child, Some(pid));
            }
        }
    }

    /// Tells that `child` runs as `pid`.
    pub(super) fn progress(&self, child: &ChildSpec, pid: Pid) {
        tracing::debug!(
            target: "umbrella::progress",
            application = self.leader.name(),
            supervisor = %self,
            started.id = &*child.id,
            started.pid = %pid,
            "supervisor {self}: started `{}` as {pid}", child.id,
        );
    }
}

impl fmt::Display for Reporter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name {
            Some(name) => write!(f, "`{name}` {}", self.pid),
            None => self.pid.fmt(f),
        }
    }
}
