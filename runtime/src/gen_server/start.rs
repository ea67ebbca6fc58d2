//! Starting a server.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

use super::{GenServer, StartError, serve};
use crate::process::{AnyCell, ExitReason, GroupLeader, Spawn, link_to_parent, run, watch_exit};
use crate::registry::{Client, Name, Protocol, Ref};

/// How a server is to be started: arguments, name, link, limits.
///
/// Source: OTP `gen_server:start/4`, `start_link/4`.
pub struct Start<S: GenServer> {
    args: S::Args,
    name: Option<Arc<str>>,
    linked: bool,
    leader: Option<Arc<GroupLeader>>,
    init_timeout: Option<Duration>,
}

impl<S: GenServer> Start<S> {
    /// A start with `args`: no name, no link, and all the time it takes.
    pub fn new(args: S::Args) -> Self {
        Self { args, name: None, linked: false, leader: None, init_timeout: None }
    }

    /// Registers the server before its `init` runs.
    pub fn name(self, name: &Name<S::Protocol>) -> Self {
        self.registered_as(Name::as_str(name))
    }

    /// Registers the server under a name that is known only at run time.
    pub fn registered_as(mut self, name: impl Into<Arc<str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Links the server to the running process, which becomes its parent.
    pub fn link(mut self) -> Self {
        self.linked = true;
        self
    }

    /// Makes the server and its descendants belong to the application of `leader`, instead of the starter's.
    pub fn group_leader(mut self, leader: Arc<GroupLeader>) -> Self {
        self.leader = Some(leader);
        self
    }

    /// Kills the server if its `init` takes longer than `limit`.
    pub fn init_timeout(mut self, limit: Duration) -> Self {
        self.init_timeout = Some(limit);
        self
    }

    /// Starts the server and waits for its `init`.
    ///
    /// # Errors
    /// See [`StartError`].
    ///
    /// # Cancel safety
    /// Dropping the future does not stop the server.
    pub fn start(self) -> impl Future<Output = Result<Ref<S::Protocol>, StartError>> + Send {
        // Spawned when called, so that a started server does not depend on being awaited.
        let spawned = self.spawn();
        async move {
            let (server, ack, limit) = spawned?;
            let outcome = match limit {
                None => ack.await,
                Some(limit) => match tokio::time::timeout(limit, ack).await {
                    Ok(outcome) => outcome,
                    Err(_elapsed) => {
                        crate::process::kill(Ref::pid(&server));
                        return Err(StartError::Timeout);
                    }
                },
            };
            match outcome {
                Ok(Ok(())) => Ok(server),
                Ok(Err(error)) => Err(error),
                // Ended inside `init`, by a panic or a signal.
                Err(_no_ack) => Err(StartError::InitFailed(ended(&server).await)),
            }
        }
    }

    #[expect(clippy::type_complexity, reason = "a triple used by one caller")]
    fn spawn(
        self,
    ) -> Result<(Ref<S::Protocol>, oneshot::Receiver<Result<(), StartError>>, Option<Duration>), StartError>
    {
        let mut spawn = Spawn::here(std::any::type_name::<S>()).ok_or(StartError::NoNode)?;
        spawn.leader = self.leader.unwrap_or(spawn.leader);
        let parent = if self.linked { spawn.parent } else { None };
        let node = spawn.node.clone();
        let cell = spawn.cell();
        if let Some(name) = self.name {
            let any: Arc<dyn AnyCell> = cell.clone();
            node.register(name, &any).map_err(StartError::AlreadyStarted)?;
        }
        if let Some(parent) = parent
            && !link_to_parent(&cell, parent)
        {
            cell.kill();
        }
        let (ack, started) = oneshot::channel();
        run(cell.clone(), serve::serve::<S>(cell.clone(), self.args, ack));
        Ok((Ref::new(cell), started, self.init_timeout))
    }
}

impl<S: GenServer> fmt::Debug for Start<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Start")
            .field("name", &self.name)
            .field("linked", &self.linked)
            .finish_non_exhaustive()
    }
}

/// Why `server`, which is about to end, did.
async fn ended<P: Protocol>(server: &Ref<P>) -> ExitReason {
    match server.address().resolve() {
        Ok(cell) => watch_exit(&*cell).await.unwrap_or(ExitReason::NoProc),
        Err(_never_for_a_reference) => ExitReason::NoProc,
    }
}

/// `init` that does not want to run: the process ends normally and the starter gets [`StartError::Ignore`].
///
/// Source: OTP `init/1` returning `ignore`.
pub(super) fn start_error(reason: &ExitReason) -> StartError {
    if *reason == ExitReason::Normal { StartError::Ignore } else { StartError::InitFailed(reason.clone()) }
}
