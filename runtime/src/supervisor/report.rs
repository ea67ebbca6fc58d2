//! What operators are told: one structured event for each thing that went wrong, through `tracing`.
//!
//! Target `umbrella::supervisor_report`, level error; starts go to `umbrella::progress`, level debug.
//!
//! | field | what it is |
//! |---|---|
//! | `application`, `supervisor` | who reports |
//! | `context` | what it was doing: `child_terminated`, `start_error`, `shutdown_error`; `shutdown` when it gives up |
//! | `reason` | why the child ended, or did not start |
//! | `offender.id`, `.pid` | the child; which process it was, if it ever ran |
//! | `offender.reason` | when it gives up: why the last child ended, or did not start |
//! | `offender.restart`, `.significant`, `.shutdown`, `.kind` | the rest of its specification; `started.` in a progress report |
//! | `restarts` | how often supervisors of the application have restarted a child, this time included |
//!
//! Source: OTP `supervisor` reports and `errorContext`; `logger`'s progress reports.
//! Differs: OTP's progress reports have the level info and are hidden because its default is notice, which `tracing` does
//! not have; here they have the level debug and are hidden because the default is info.

use std::fmt;
use std::time::SystemTime;

use super::child_spec::ChildSpec;
use super::intensity::Window;
use super::termination::{Termination, is_expected};
use crate::gen_server::StartError;
use crate::process::{ExitReason, GroupLeader, Incident, IncidentKind, Pid};

/// What a supervisor was doing.
///
/// Source: OTP supervisor reports, `errorContext`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum ErrorContext {
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
}

impl From<ErrorContext> for IncidentKind {
    fn from(context: ErrorContext) -> Self {
        match context {
            ErrorContext::ChildTerminated => Self::ChildTerminated,
            ErrorContext::StartError => Self::StartError,
            ErrorContext::Shutdown => Self::GaveUp,
            ErrorContext::ShutdownError => Self::ShutdownError,
        }
    }
}

/// What follows from the end of a child.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sequel<'a> {
    /// It is restarted, which counts in this window.
    Restarts(&'a Window),
    /// It is not started again.
    Rests,
    /// That was once too often.
    GivesUp,
}

/// Who reports.
pub(super) struct Reporter<'a> {
    pub(super) leader: &'a GroupLeader,
    /// The registered name of the supervisor, if it has one.
    pub(super) name: Option<&'a str>,
    pub(super) pid: Pid,
}

/// About which child: its specification, and the process that it is or was, if it ever ran.
#[derive(Clone, Copy)]
struct Offender<'a>(&'a ChildSpec, Option<Pid>);

impl Reporter<'_> {
    /// Reports that `child`, which was the process `pid`, ended by itself.
    pub(super) fn child_terminated(
        &self,
        child: &ChildSpec,
        pid: Pid,
        reason: &ExitReason,
        sequel: Sequel<'_>,
    ) {
        let offender = Offender(child, Some(pid));
        let what = match sequel {
            Sequel::Restarts(window) => format!("{offender} ended and is restarted ({window}): {reason}"),
            Sequel::Rests => format!("{offender} ended and is not restarted: {reason}"),
            Sequel::GivesUp => format!("{offender} ended: {reason}"),
        };
        self.error(ErrorContext::ChildTerminated, reason, offender, None, &what);
    }

    /// Reports that `child`, which was the process `pid` if it was to be restarted, could not be started.
    pub(super) fn start_error(&self, child: &ChildSpec, pid: Option<Pid>, error: &StartError) {
        let offender = Offender(child, pid);
        let what = format!("{offender} did not start: {error}");
        self.error(ErrorContext::StartError, error, offender, None, &what);
    }

    /// Reports that the supervisor gives up because `child`, which was the process `pid`, ended once too often, this
    /// time for `reason`.
    pub(super) fn gives_up(
        &self,
        child: &ChildSpec,
        pid: Option<Pid>,
        reason: Option<&ExitReason>,
        window: &Window,
    ) {
        let offender = Offender(child, pid);
        let (intensity, period) = (window.intensity(), window.period());
        let plural = if intensity == 1 { "" } else { "s" };
        let because = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
        let what = format!(
            "gives up, since more than {intensity} restart{plural} within {period:?} would be needed; last of {offender}{because}"
        );
        let intensity = "reached its restart intensity";
        self.error(ErrorContext::Shutdown, &intensity, offender, reason, &what);
    }

    /// Reports it, and has the application remember it.
    fn error(
        &self,
        context: ErrorContext,
        reason: &dyn fmt::Display,
        offender: Offender<'_>,
        offence: Option<&ExitReason>,
        what: &str,
    ) {
        let Offender(child, pid) = offender;
        self.leader.note(Incident {
            at: SystemTime::now(),
            kind: context.into(),
            process: self.name.unwrap_or("Supervisor").into(),
            pid: Some(self.pid),
            about: pid,
            text: what.into(),
        });
        tracing::error!(
            target: "umbrella::supervisor_report",
            application = self.leader.name(),
            supervisor = %self,
            context = context.as_str(),
            reason = %reason,
            restarts = self.leader.restarts(),
            offender.id = &*child.id,
            offender.pid = pid.map(tracing::field::display),
            offender.reason = offence.map(tracing::field::display),
            offender.restart = ?child.restart,
            offender.significant = child.significant,
            offender.shutdown = ?child.shutdown,
            offender.kind = ?child.kind,
            "supervisor {self}: {what}",
        );
    }

    /// Reports a child that did not end as it was asked to; says nothing of one that did.
    pub(super) fn termination(&self, child: &ChildSpec, pid: Pid, termination: &Termination) {
        match termination {
            Termination::Ended(reason) if is_expected(child.shutdown, child.restart, reason) => {}
            Termination::Ended(reason) => self.shutdown_error(child, pid, reason),
            Termination::Abandoned => {
                self.shutdown_error(child, pid, &"killed, but it never yields: left behind");
            }
        }
    }

    fn shutdown_error(&self, child: &ChildSpec, pid: Pid, reason: &dyn fmt::Display) {
        let offender = Offender(child, Some(pid));
        let what = format!("{offender} did not shut down as asked: {reason}");
        self.error(ErrorContext::ShutdownError, reason, offender, None, &what);
    }

    /// Tells that `child` runs as `pid`.
    pub(super) fn progress(&self, child: &ChildSpec, pid: Pid) {
        tracing::debug!(
            target: "umbrella::progress",
            application = self.leader.name(),
            supervisor = %self,
            started.id = &*child.id,
            started.pid = %pid,
            started.restart = ?child.restart,
            started.significant = child.significant,
            started.shutdown = ?child.shutdown,
            started.kind = ?child.kind,
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

impl fmt::Display for Offender<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(child, pid) = self;
        write!(f, "child `{}`", child.id)?;
        pid.map_or(Ok(()), |pid| write!(f, " {pid}"))
    }
}
