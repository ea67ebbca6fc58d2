//! Spawning a process on another node.

use std::sync::Arc;

use serde::Serialize;
use tokio::sync::oneshot;

use super::arguments::{Arguments, List};
use super::{Export, SpawnArrived};
use crate::process::remote::{Far, SpawnRequest};
use crate::process::{ExitReason, MonitorRef, Node, NodeId, NotAProcess, Pid, current};
use crate::term;

/// Why no process was spawned on a node.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SpawnError {
    /// A link or a monitor is a process's, and a pid a node's.
    #[error(transparent)]
    NotAProcess(#[from] NotAProcess),
    /// The node cannot be reached, or was lost before it answered; the process may run.
    #[error("no connection to its node")]
    NoConnection,
    /// The node exports no such function, or none with as many arguments.
    #[error("not exported")]
    NotExported,
    /// The arguments cannot be sent.
    #[error("the arguments cannot be sent: {0}")]
    BadArguments(Arc<str>),
    /// Whatever else the node says.
    #[error("refused: {0}")]
    Refused(Arc<str>),
}

/// How whoever spawns a process on another node is to learn of its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Tie {
    None,
    Link,
    Monitor,
    LinkAndMonitor,
}

/// What is done with the answer to a [`SpawnRequest`].
pub(crate) type Spawned = Box<dyn FnOnce(Result<Pid, SpawnError>) + Send>;

/// Spawns a process on `node`, which may be this one, that runs the function that is exported there as `export`.
///
/// The name of the node is its full one, `c@127.0.0.1`.
///
/// Source: OTP `erlang:spawn/4`.
/// Differs: what cannot be spawned is told, where OTP gives the pid of a process that is gone.
///
/// # Errors
/// See [`SpawnError`].
///
/// # Cancel safety
/// Once it was polled the process may run, whether the future is dropped or not.
pub async fn spawn_on<A: Arguments>(node: &str, export: Export<A>, arguments: A) -> Result<Pid, SpawnError> {
    let here = Node::current().ok_or(NotAProcess)?;
    let by = current::pid().unwrap_or(Pid::outside(here.creation()));
    request(here, by, node, export, arguments, Tie::None).await.map(|(pid, _)| pid)
}

/// As [`spawn_on`], and links the new process to the running one before it runs.
///
/// Source: OTP `erlang:spawn_link/4`.
///
/// # Errors
/// See [`SpawnError`].
///
/// # Cancel safety
/// As [`spawn_on`]; the process is linked then.
pub async fn spawn_link_on<A: Arguments>(
    node: &str,
    export: Export<A>,
    arguments: A,
) -> Result<Pid, SpawnError> {
    let this = current::cell().ok_or(NotAProcess)?;
    let (here, by) = (this.head().node.clone(), this.head().pid);
    request(here, by, node, export, arguments, Tie::Link).await.map(|(pid, _)| pid)
}

/// As [`spawn_on`], and monitors the new process before it runs.
///
/// Source: OTP `erlang:spawn_monitor/4`.
///
/// # Errors
/// See [`SpawnError`].
///
/// # Cancel safety
/// As [`spawn_on`]; the process is monitored then.
pub async fn spawn_monitor_on<A: Arguments>(
    node: &str,
    export: Export<A>,
    arguments: A,
) -> Result<(Pid, MonitorRef), SpawnError> {
    let this = current::cell().ok_or(NotAProcess)?;
    let (here, by) = (this.head().node.clone(), this.head().pid);
    request(here, by, node, export, arguments, Tie::Monitor).await
}

async fn request<A: Arguments>(
    here: Node,
    by: Pid,
    node: &str,
    export: Export<A>,
    arguments: A,
    tie: Tie,
) -> Result<(Pid, MonitorRef), SpawnError> {
    let mut list = Vec::new();
    encode(&List(arguments), &mut list)?;
    let node = here.node_id(node).map_err(|_| SpawnError::NoConnection)?;
    let reference = here.next_reference();
    let (answer, answered) = oneshot::channel();
    let tied = here.clone();
    let spawned = move |result: Result<Pid, SpawnError>| {
        if let Ok(pid) = result {
            tied.tie(by, pid, reference, tie);
        }
        // Whoever asked may not care any more.
        let _ = answer.send(result);
    };
    let (module, function) = (export.module, export.function);
    if node == NodeId::HERE {
        let arguments = &list;
        let arrived =
            SpawnArrived { by, module, function, arity: A::ARITY, arguments, tie, monitor: reference };
        here.spawn_arrived(&arrived, spawned);
    } else {
        let remote = here.remote().ok_or(SpawnError::NoConnection)?;
        let (arity, arguments) = (A::ARITY, &list[..]);
        let request = SpawnRequest { reference, by, node, module, function, arity, arguments, tie };
        remote.spawn(&request, Box::new(spawned));
    }
    let pid = answered.await.unwrap_or(Err(SpawnError::NoConnection))?;
    Ok((pid, reference))
}

fn encode(value: &impl Serialize, out: &mut Vec<u8>) -> Result<(), SpawnError> {
    term::encode(value, out).map_err(|error| SpawnError::BadArguments(error.to_string().into()))
}

impl Node {
    /// `by` learns that the process was spawned that it is tied to; if it is gone, the process is told.
    fn tie(&self, by: Pid, spawned: Pid, monitor: MonitorRef, tie: Tie) {
        let by_cell = self.process(by);
        if matches!(tie, Tie::Link | Tie::LinkAndMonitor)
            && !by_cell.as_ref().is_some_and(|by| by.link(spawned))
        {
            self.tell_link(by, spawned, &ExitReason::NoProc);
        }
        if matches!(tie, Tie::Monitor | Tie::LinkAndMonitor) {
            match by_cell {
                Some(by) => by.monitoring(monitor, Far::Pid(spawned)),
                None => self.unwatch_for(monitor, by, &Far::Pid(spawned)),
            }
        }
    }
}
