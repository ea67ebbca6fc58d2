//! How calls, casts, and starts fail.

use std::any::type_name;
use std::fmt;
use std::sync::Arc;

use crate::process::remote::{Failure, Unreachable};
use crate::process::{ExitReason, Pid, WaitPath};
use crate::registry::{ResolveError, There};

/// Why a call gave no reply. The same on one node and across nodes.
///
/// After [`Timeout`](Self::Timeout), [`Exited`](Self::Exited), and [`NoReply`](Self::NoReply) the call may have been
/// executed, partly or wholly; so it may on another node after [`NoConnection`](Self::NoConnection), and after
/// [`BadMessage`](Self::BadMessage) if it is the answer that was not understood. After the others it was not.
///
/// Source: OTP `gen_server:call/2`: `timeout`, `noproc`, `{nodedown, Node}`, `calling_self`, the callee's exit reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The caller runs outside a node, where names mean nothing.
    #[error("not called from a node: names resolve only inside one")]
    NoNode,
    /// There is no such process.
    #[error("no such process")]
    NoProc,
    /// The callee runs on this node, which cannot be reached, or with which the connection was lost.
    #[error("no connection to `{0}`")]
    NoConnection(Arc<str>),
    /// The callee runs on another node, and the message could not be written, was not understood there, or is not allowed
    /// to this node, or the answer was not understood here: which handler, argument, and type it was, or what to allow.
    #[error("bad message: {0}")]
    BadMessage(Arc<str>),
    /// The deadline passed.
    #[error("timed out")]
    Timeout,
    /// The callee ended before it answered.
    #[error("the server exited: {0}")]
    Exited(ExitReason),
    /// The callee lives but will not answer: its handler dropped the [`ReplyTo`](super::ReplyTo).
    #[error("the server dropped the call without a reply")]
    NoReply,
    /// The mailbox of the callee is full: there was no room for the message, or it had to go for a newer one.
    ///
    /// Differs: mailboxes of OTP have no bounds.
    #[error("the mailbox is full")]
    Full,
    /// A server called itself, which could only time out.
    #[error("a server cannot call itself")]
    CallingSelf,
    /// The caller, the callee, and perhaps others wait for each other, so that this call could only time out.
    ///
    /// It comes at once, and only when it is certain: each of them awaits one call and nothing beside, and each answer
    /// is up to the handler that waits. Of the calls in the cycle the one fails whose deadline is the earliest.
    /// A cycle that something else may end (a `select!`, a kept [`ReplyTo`](super::ReplyTo)) is told after a second, as
    /// a warning of `umbrella::wait_cycle`, and the calls go on to their deadlines.
    ///
    /// Differs: OTP finds no cycles; each call of one times out.
    #[error("wait cycle: {0}")]
    WaitCycle(WaitPath),
}

impl From<ResolveError> for CallError {
    fn from(error: ResolveError) -> Self {
        match error {
            ResolveError::NoNode => Self::NoNode,
            ResolveError::NoProc => Self::NoProc,
            ResolveError::There(there) => Self::NoConnection(there.node_name()),
        }
    }
}

impl CallError {
    /// What `failure` of a call to another node is.
    pub(super) fn of_failure(failure: Failure) -> Self {
        match failure {
            Failure::NoProc => Self::NoProc,
            Failure::Exited(reason) => Self::Exited(reason),
            Failure::NoConnection(node) => Self::NoConnection(node),
            Failure::Timeout => Self::Timeout,
            Failure::BadMessage(what) => Self::BadMessage(what),
            Failure::Full => Self::Full,
            Failure::Dropped => Self::NoReply,
        }
    }

    /// The messages of `P` do not cross nodes.
    pub(super) fn stays<P>() -> Self {
        Self::BadMessage(format!("the messages of {} stay on their node", type_name::<P>()).into())
    }

    /// Why nothing was sent `there`.
    pub(super) fn of_unreachable(unreachable: Unreachable, there: &There) -> Self {
        match unreachable {
            Unreachable::NoConnection => Self::NoConnection(there.node_name()),
            Unreachable::Full => Self::Full,
            Unreachable::Encode(error) => Self::BadMessage(error.0),
        }
    }
}

/// A cast that could not be delivered, with the message it carried.
///
/// Differs: OTP's `gen_server:cast/2` always answers `ok`.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("{error}")]
pub struct CastError<M> {
    /// Why.
    pub error: CallError,
    /// What was not delivered; boxed so that the usual `Ok(())` stays small.
    pub message: Box<M>,
}

impl<M> fmt::Debug for CastError<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the message, which need not be printable and may be secret.
        f.debug_struct("CastError").field("error", &self.error).finish_non_exhaustive()
    }
}

impl<M> From<CastError<M>> for CallError {
    fn from(error: CastError<M>) -> Self {
        error.error
    }
}

/// Why a process was not started.
///
/// Source: OTP `gen_server:start_link/3`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The name is taken, by this process.
    #[error("already started as {0}")]
    AlreadyStarted(Pid),
    /// `init` does not want to run here and now; a supervisor goes on without it.
    #[error("ignored")]
    Ignore,
    /// `init` failed, or the process ended before `init` was done.
    #[error("init failed: {0}")]
    InitFailed(ExitReason),
    /// A child of the supervisor did not start; those before it were stopped.
    #[error("child `{child}` did not start: {error}")]
    Child {
        /// The id of the child.
        child: Arc<str>,
        /// Why.
        error: Box<StartError>,
    },
    /// `init` took longer than it was given.
    #[error("init timed out")]
    Timeout,
    /// Started from outside a node.
    #[error("not started from a node: use `Node::scope`, `#[umbrella::test]`, or a supervisor")]
    NoNode,
    /// The specification contradicts itself.
    #[error("{0}")]
    BadSpec(Arc<str>),
    /// Whatever the start function says.
    #[error("{0}")]
    Failed(Arc<str>),
}

impl StartError {
    /// The start failed because of `error`.
    pub fn failed(error: impl fmt::Display) -> Self {
        Self::Failed(error.to_string().into())
    }
}

impl From<ExitReason> for StartError {
    fn from(reason: ExitReason) -> Self {
        Self::InitFailed(reason)
    }
}

impl From<CallError> for StartError {
    fn from(error: CallError) -> Self {
        Self::failed(error)
    }
}
