//! Starting tasks.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::Task;
use crate::gen_server::StartError;
use crate::process::{self, IntoExitReason, NoNode, NotAProcess, Pid, self_pid, spawn_linked_to};
use crate::supervisor::{ChildSpec, Restart};

impl<T: Send + 'static> Task<T> {
    /// Runs `job` in a process of its own, linked to the running one, which can await it.
    ///
    /// A crash of the task is a crash of its owner, unless that traps exits, and the end of the owner is the end of the
    /// task. Under a [`TaskSupervisor`](super::TaskSupervisor) a task may go without the link.
    /// Started by code that is no process, it is linked to nobody; started outside a node, it does not run, and
    /// awaiting it says so.
    ///
    /// Source: Elixir `Task.async/1`; `async` is a keyword of Rust.
    pub fn spawn<J>(job: J) -> Self
    where
        J: Future<Output = T> + Send + 'static,
    {
        let (body, answer) = answering(job);
        Self::new(spawn_linked_to::<J, _>(self_pid(), body).ok(), answer)
    }
}

/// `job`, and where its answer comes.
pub(super) fn answering<T: Send + 'static>(
    job: impl Future<Output = T> + Send + 'static,
) -> (impl Future<Output = ()> + Send + 'static, oneshot::Receiver<T>) {
    let (sender, answer) = oneshot::channel();
    // Not awaited any more: the answer is dropped.
    (async move { drop(sender.send(job.await)) }, answer)
}

/// What needs no answer; `Task::start` and the others infer the `()`.
impl Task<()> {
    /// Runs `job` in a process of its own, linked to nobody. Nobody awaits it, so an error that it answers is the reason
    /// of its end, which is reported as any crash.
    ///
    /// Source: Elixir `Task.start/1`.
    /// Differs: in Elixir whatever a task answers that nobody awaits is dropped; here an `Err` would pass unnoticed.
    ///
    /// # Errors
    /// [`NoNode`] outside a node.
    pub fn start(job: impl Future<Output: IntoExitReason> + Send + 'static) -> Result<Pid, NoNode> {
        process::spawn(job)
    }

    /// As [`start`](Self::start), and links the task to the running process.
    ///
    /// Source: Elixir `Task.start_link/1`.
    ///
    /// # Errors
    /// [`NotAProcess`] outside a process.
    pub fn start_link(job: impl Future<Output: IntoExitReason> + Send + 'static) -> Result<Pid, NotAProcess> {
        process::spawn_link(job)
    }

    /// A child specification that runs `job` once, under a supervisor: a temporary worker with 5 s to shut down.
    ///
    /// [`Restart::Transient`] runs it again when it crashes or answers an error.
    ///
    /// ```
    /// # use umbrella::prelude::*;
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    /// # runtime.block_on(Node::new("example").scope(async {
    /// let warm_up = Task::child_spec("warm_up", || async { /* fill a cache */ });
    /// Supervisor::new(Strategy::OneForOne).child(warm_up).start().await?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # }))?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Source: Elixir `Task.child_spec/1`, `use Task`: temporary.
    pub fn child_spec<J, F>(id: impl Into<Arc<str>>, job: J) -> ChildSpec
    where
        J: Fn() -> F + Send + Sync + 'static,
        F: Future<Output: IntoExitReason> + Send + 'static,
    {
        let start = move || {
            let started = Self::start_link(job());
            std::future::ready(started.map_err(StartError::failed))
        };
        ChildSpec::worker(id, start).restart(Restart::Temporary)
    }
}
