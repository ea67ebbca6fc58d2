//! Starting a task under a supervisor.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

use super::start::answering;
use super::{Task, TaskSupervisorClient};
use crate::gen_server::StartError;
use crate::process::{AnyCell, IntoExitReason, Pid, self_pid, spawn_linked_to};
use crate::supervisor::{ChildError, ChildSpec, Restart};

/// What becomes of a task if whoever asked for it has stopped waiting for its start.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Unclaimed {
    RunsOn,
    IsKilled,
}

/// A task on its way from its supervisor to whoever asked for it.
struct Claim {
    process: Option<Arc<dyn AnyCell>>,
    unclaimed: Unclaimed,
}

impl Claim {
    fn take(mut self) -> Option<Arc<dyn AnyCell>> {
        self.process.take()
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if let Some(process) = self.process.take()
            && self.unclaimed == Unclaimed::IsKilled
        {
            process.kill();
        }
    }
}

impl TaskSupervisorClient {
    /// Runs `job`, linked to `owner` too, for the running process to await.
    pub(super) async fn start_task<J>(
        &self,
        owner: Option<Pid>,
        job: J,
        unclaimed: Unclaimed,
    ) -> Result<Task<J::Output>, ChildError>
    where
        J: Future<Output: Send + 'static> + Send + 'static,
    {
        let (body, answer) = answering(job);
        Ok(Task::new(Some(self.start_process::<J, _>(owner, body, unclaimed).await?), answer))
    }

    /// Runs `body`, made of `J`, as a temporary child, linked to `owner` too.
    pub(super) async fn start_process<J, F>(
        &self,
        owner: Option<Pid>,
        body: F,
        unclaimed: Unclaimed,
    ) -> Result<Arc<dyn AnyCell>, ChildError>
    where
        F: Future<Output: IntoExitReason> + Send + 'static,
    {
        let (sender, started) = oneshot::channel();
        // A temporary child is started once, so what it runs can be taken out.
        let once = Mutex::new(Some((body, sender)));
        let start = move || {
            let taken = once.lock().unwrap_or_else(PoisonError::into_inner).take();
            std::future::ready(start_once::<J, _>(taken, owner, unclaimed))
        };
        self.start_child(ChildSpec::worker("task", start).restart(Restart::Temporary)).await?;
        let claim: Option<Claim> = started.await.ok();
        claim.and_then(Claim::take).ok_or_else(|| ChildError::Start(not_started()))
    }
}

/// Runs in the supervisor.
fn start_once<J, F>(
    taken: Option<(F, oneshot::Sender<Claim>)>,
    owner: Option<Pid>,
    unclaimed: Unclaimed,
) -> Result<Pid, StartError>
where
    F: Future<Output: IntoExitReason> + Send + 'static,
{
    let (body, sender) = taken.ok_or_else(not_started)?;
    let process =
        spawn_linked_to::<J, _>(self_pid().into_iter().chain(owner), body).map_err(StartError::failed)?;
    let pid = process.head().pid;
    // Whoever asked may have stopped waiting, now or before it takes this.
    drop(sender.send(Claim { process: Some(process), unclaimed }));
    Ok(pid)
}

fn not_started() -> StartError {
    StartError::failed("a task is started once")
}
