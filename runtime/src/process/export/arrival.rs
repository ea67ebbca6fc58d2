//! Processes of other nodes have one spawned here.

use std::convert::Infallible;
use std::sync::Arc;

use super::spawn_on::Tie;
use super::{Outcome, SpawnError};
use crate::process::any_cell::AnyCell;
use crate::process::spawn::{Spawn, run};
use crate::process::{ExitReason, MonitorRef, Node, Pid};

/// What another node wants to be spawned here.
pub(crate) struct SpawnArrived<'a> {
    pub(crate) by: Pid,
    pub(crate) module: &'a str,
    pub(crate) function: &'a str,
    pub(crate) arity: u8,
    /// A list, as a term.
    pub(crate) arguments: &'a [u8],
    /// How `by` is to learn of the end.
    pub(crate) tie: Tie,
    /// What a monitor of `by` is called here; see [`Node::monitor_arrived`].
    pub(crate) monitor: MonitorRef,
}

impl Node {
    /// Spawns a process that runs an exported function, linked or monitored before it runs.
    ///
    /// `spawned` sends the answer, and is done with that before anything else of the process can be sent.
    /// The process belongs to the application that exported the function. Arguments that are none of it end the process,
    /// as in OTP, so that nothing of the user runs here.
    pub(crate) fn spawn_arrived(
        &self,
        wanted: &SpawnArrived<'_>,
        spawned: impl FnOnce(Result<Pid, SpawnError>),
    ) {
        let Some(exported) = self.exported(wanted.module, wanted.function, wanted.arity) else {
            return spawned(Err(SpawnError::NotExported));
        };
        let spawn = Spawn {
            node: self.clone(),
            parent: Some(wanted.by),
            leader: exported.leader.clone(),
            kind: exported.kind,
        };
        let cell: Arc<dyn AnyCell> = spawn.cell::<Infallible>();
        if matches!(wanted.tie, Tie::Link | Tie::LinkAndMonitor) {
            cell.head().set_linked_to_parent();
            cell.link(wanted.by);
        }
        if matches!(wanted.tie, Tie::Monitor | Tie::LinkAndMonitor) {
            cell.monitored(wanted.monitor, wanted.by);
        }
        spawned(Ok(cell.head().pid));
        let arguments = wanted.arguments.to_vec();
        run(cell, async move {
            let ended = match exported.begin(&arguments) {
                Ok(running) => match running.await {
                    // Nobody wants it.
                    Outcome::Answer(_) => ExitReason::Normal,
                    Outcome::Exit(reason) => reason,
                },
                Err(error) => ExitReason::error(format_args!("bad arguments of {}: {error}", exported.name)),
            };
            (ended, ())
        });
    }
}
