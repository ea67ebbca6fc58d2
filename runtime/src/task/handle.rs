//! A task as its owner holds it.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use super::TaskError;
use super::limit::Limit;
use crate::process::{AnyCell, ExitReason, Node, Pid, WaitExit, self_pid, unlink_flush};
use crate::supervisor::Shutdown;

/// A process that runs one future and answers what it comes to.
///
/// Awaiting it gives the answer, or says why there is none as soon as the process has ended. It is waited for 5 s
/// (`Task.await/2`) unless [`within`](Self::within) or [`infinity`](Self::infinity) says otherwise, and never past the
/// [deadline](crate::process::deadline) of the call that its owner is answering.
/// The time begins when the task is first awaited.
///
/// Only the process that started a task can await it. Dropping it does not stop it: what it answers is dropped.
///
/// # Errors
/// See [`TaskError`].
///
/// # Cancel safety
/// Await `&mut task` to be able to await it again; nothing is lost when that is dropped, or after
/// [`TaskError::Timeout`].
///
/// Source: Elixir `Task`.
/// Differs: Elixir's `Task.await/2` exits the caller when the time is up or the task has died; here that is an error, and
/// the task runs on until it is done, its owner ends, or [`shutdown`](Self::shutdown).
#[must_use = "a task that nobody awaits is `Task::start`"]
pub struct Task<T> {
    /// Nothing when it was started outside a node.
    process: Option<Arc<dyn AnyCell>>,
    /// Nothing when it was started by code that is no process.
    owner: Option<Pid>,
    limit: Limit,
    state: State<T>,
}

enum State<T> {
    Running(oneshot::Receiver<T>),
    /// It will not answer; wait until it can be said why.
    Ending(WaitExit),
    Awaited,
}

impl<T> Task<T> {
    pub(super) fn new(process: Option<Arc<dyn AnyCell>>, answer: oneshot::Receiver<T>) -> Self {
        Self { process, owner: self_pid(), limit: Limit::new(), state: State::Running(answer) }
    }

    /// The process that runs the task; nothing if it was started outside a node.
    pub fn pid(&self) -> Option<Pid> {
        self.process.as_ref().map(|process| process.head().pid)
    }

    /// The process that started the task and may await it; nothing if that is no process.
    pub fn owner(&self) -> Option<Pid> {
        self.owner
    }

    /// Waits no longer than `wait`.
    pub fn within(mut self, wait: Duration) -> Self {
        self.limit = Limit::of(Some(wait));
        self
    }

    /// Waits for as long as the task runs.
    pub fn infinity(mut self) -> Self {
        self.limit = Limit::of(None);
        self
    }

    /// Waits for the answer for `wait`, and gives nothing if it has not come by then; the task can be awaited again.
    ///
    /// Source: Elixir `Task.yield/2`.
    ///
    /// # Errors
    /// See [`TaskError`]; never [`TaskError::Timeout`].
    ///
    /// # Cancel safety
    /// Nothing is lost when the future is dropped.
    pub async fn yield_within(&mut self, wait: Duration) -> Option<Result<T, TaskError>> {
        let mut limit = Limit::of(Some(wait));
        poll_fn(|cx| match self.poll_outcome(cx) {
            Poll::Ready(outcome) => Poll::Ready(Some(outcome)),
            Poll::Pending => limit.poll(cx).map(|()| None),
        })
        .await
    }

    /// Unlinks the task and ends it; gives its answer, if it came before the end.
    ///
    /// It is asked with [`ExitReason::Shutdown`], and killed when the time of `shutdown` is up.
    /// Nothing comes back if it ended because of that.
    ///
    /// Source: Elixir `Task.shutdown/2`.
    ///
    /// # Errors
    /// [`TaskError::Exited`] if it ended for a reason of its own; [`TaskError::NotOwner`], in which case it runs on.
    ///
    /// # Cancel safety
    /// Dropping the future leaves the task unlinked and asked, but not killed.
    pub async fn shutdown(mut self, shutdown: Shutdown) -> Option<Result<T, TaskError>> {
        let (Some(node), Some(pid)) = (Node::current(), self.pid()) else {
            return Some(Err(TaskError::NoNode));
        };
        if self.owner != self_pid() {
            return Some(Err(TaskError::NotOwner));
        }
        let _ended_before = unlink_flush(pid);
        if shutdown != Shutdown::BrutalKill {
            node.exit(pid, ExitReason::Shutdown);
            let ended = poll_fn(|cx| self.poll_outcome(cx));
            // Its own time, not what is left for the call that its owner may be answering.
            let ended = match shutdown {
                Shutdown::After(time) => timeout(time, ended).await.ok(),
                Shutdown::Infinity | Shutdown::BrutalKill => Some(ended.await),
            };
            match ended {
                Some(Err(TaskError::Exited(ExitReason::Shutdown))) => return None,
                Some(outcome) => return Some(outcome),
                None => {}
            }
        }
        node.kill(pid);
        match poll_fn(|cx| self.poll_outcome(cx)).await {
            Err(TaskError::Exited(ExitReason::Killed)) => None,
            outcome => Some(outcome),
        }
    }

    /// Kills the task without waiting for its end; it may trap exits, and nobody is left to wait for it.
    pub(super) fn abandon(&mut self) {
        if let Some(process) = &self.process {
            let pid = process.head().pid;
            let _ended_before = unlink_flush(pid);
            process.kill();
        }
        self.state = State::Awaited;
    }

    /// Forgets the link, so that neither an `Exit` of the task is left in the mailbox nor one to come.
    pub(super) fn unlink(&self) {
        if let Some(pid) = self.pid() {
            let _ended_before = unlink_flush(pid);
        }
    }

    /// The answer, or why there is none, without a limit.
    pub(super) fn poll_outcome(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, TaskError>> {
        let Some(process) = &self.process else { return Poll::Ready(Err(TaskError::NoNode)) };
        if self.owner != self_pid() {
            return Poll::Ready(Err(TaskError::NotOwner));
        }
        if let State::Running(answer) = &mut self.state {
            match ready!(Pin::new(answer).poll(cx)) {
                Ok(answer) => {
                    self.state = State::Awaited;
                    return Poll::Ready(Ok(answer));
                }
                Err(_ended) => self.state = State::Ending(WaitExit::new(process.clone())),
            }
        }
        let State::Ending(exit) = &mut self.state else { return Poll::Ready(Err(TaskError::Awaited)) };
        let reason = ready!(Pin::new(exit).poll(cx));
        self.state = State::Awaited;
        Poll::Ready(Err(TaskError::Exited(reason)))
    }
}

impl<T> Future for Task<T> {
    type Output = Result<T, TaskError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        match this.poll_outcome(cx) {
            Poll::Ready(outcome) => Poll::Ready(outcome),
            Poll::Pending => this.limit.poll(cx).map(|()| Err(TaskError::Timeout)),
        }
    }
}

// Nothing in it is pinned.
impl<T> Unpin for Task<T> {}

impl<T> fmt::Debug for Task<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").field("pid", &self.pid()).field("owner", &self.owner).finish_non_exhaustive()
    }
}
