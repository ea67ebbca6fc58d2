//! How awaiting a task fails.

use crate::process::ExitReason;
use crate::supervisor::ChildError;

/// Why a task gave no answer.
///
/// Source: Elixir `Task.await/2`, `Task.yield/2`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TaskError {
    /// The task ended before it answered: it panicked, was killed, or was told to exit.
    #[error("the task exited: {0}")]
    Exited(ExitReason),
    /// The time to wait is up. The task runs on.
    #[error("timed out")]
    Timeout,
    /// Awaited by a process other than the one that started the task.
    #[error("only the process that started a task can await it")]
    NotOwner,
    /// The task has answered before; its answer was taken.
    #[error("the task has been awaited already")]
    Awaited,
    /// Its supervisor did not start it; an item of [`async_stream`](super::TaskSupervisorClient::async_stream).
    #[error("the task did not start: {0}")]
    NotStarted(ChildError),
    /// Started from outside a node, where there are no processes.
    #[error("not started from a node: use `Node::scope` or `#[umbrella::test]`")]
    NoNode,
}
