//! Why a process ended.

use std::sync::Arc;
use std::{error, fmt};

use crate::term::RawTerm;

/// Why a process ended, as its links, its monitors, and its supervisor see it.
///
/// Cloning is cheap: at most one reference count.
/// It is no error itself, and every error becomes one: `?` ends an `init`, or the future of a plain process, with it.
///
/// Source: OTP exit reasons (`normal`, `shutdown`, `{shutdown, Term}`, `killed`, `noproc`, `noconnection`).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExitReason {
    /// It finished its work.
    Normal,
    /// It was asked to stop, most often by its supervisor.
    Shutdown,
    /// It was asked to stop, and this says why.
    ShutdownWith(Arc<str>),
    /// It was killed: [`kill`](super::kill), or a shutdown time that ran out.
    Killed,
    /// It was linked to, or monitored, a process that does not exist.
    NoProc,
    /// The node it runs on cannot be reached.
    NoConnection,
    /// A callback panicked.
    Panicked(Arc<Panic>),
    /// It gave up with this error.
    Error(Arc<str>),
    /// It ended with a term that means something to whoever waits for it.
    ///
    /// Source: OTP `exit(Term)`: `erpc` answers its calls so.
    Term(RawTerm),
}

/// What a panic said, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panic {
    /// The panic's message.
    pub message: String,
    /// `file:line:column`, or nothing when the panic hook was replaced.
    pub location: String,
}

impl ExitReason {
    /// The process gave up with `error`.
    pub fn error(error: impl fmt::Display) -> Self {
        Self::Error(error.to_string().into())
    }

    /// The process was asked to stop, because of `why`.
    pub fn shutdown_with(why: impl fmt::Display) -> Self {
        Self::ShutdownWith(why.to_string().into())
    }

    /// Whether a transient child that ended like this is restarted.
    ///
    /// Source: OTP `supervisor(3)`: everything but `normal`, `shutdown`, and `{shutdown, Term}`.
    pub const fn is_abnormal(&self) -> bool {
        match self {
            Self::Normal | Self::Shutdown | Self::ShutdownWith(_) => false,
            Self::Killed
            | Self::NoProc
            | Self::NoConnection
            | Self::Panicked(_)
            | Self::Error(_)
            | Self::Term(_) => true,
        }
    }

    /// Whether a crash report is due: nobody said on purpose that it should end like this.
    ///
    /// Source: OTP `erlang:spawn/1`, whose processes are reported for errors, and not for `exit/1`.
    pub(crate) const fn is_crash(&self) -> bool {
        self.is_abnormal() && !matches!(self, Self::Term(_))
    }
}

impl<E: error::Error> From<E> for ExitReason {
    /// The process gave up with `error`.
    fn from(error: E) -> Self {
        Self::error(error)
    }
}

impl fmt::Display for ExitReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Normal => f.write_str("normal"),
            Self::Shutdown => f.write_str("shutdown"),
            Self::ShutdownWith(why) => write!(f, "shutdown: {why}"),
            Self::Killed => f.write_str("killed"),
            Self::NoProc => f.write_str("no such process"),
            Self::NoConnection => f.write_str("no connection to its node"),
            Self::Panicked(panic) if panic.location.is_empty() => write!(f, "panicked: {}", panic.message),
            Self::Panicked(panic) => write!(f, "panicked at {}: {}", panic.location, panic.message),
            Self::Error(error) => write!(f, "{error}"),
            Self::Term(term) => write!(f, "{term}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_is_a_reason() {
        let parse = || -> Result<u16, ExitReason> { Ok("port".parse::<u16>()?) };
        assert_eq!(parse(), Err(ExitReason::error("invalid digit found in string")));
    }

    #[test]
    fn only_normal_and_the_shutdowns_are_not_abnormal() {
        let calm = [ExitReason::Normal, ExitReason::Shutdown, ExitReason::shutdown_with("moved")];
        let abnormal = [
            ExitReason::Killed,
            ExitReason::NoProc,
            ExitReason::NoConnection,
            ExitReason::error("disk full"),
            ExitReason::Panicked(Arc::new(Panic { message: "boom".into(), location: String::new() })),
        ];
        assert!(!calm.iter().any(ExitReason::is_abnormal));
        assert!(abnormal.iter().all(ExitReason::is_abnormal));
    }
}
