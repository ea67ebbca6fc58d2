//! What `start_child` takes and gives.

use super::client::ChildError;
use super::{ChildSpec, DynamicSupervisor, ServerSpec, Supervisor};
use crate::gen_server::{GenServer, StartError};
use crate::process::Pid;
use crate::registry::{Protocol, Ref};

/// What can be a child: a server or a machine ([`ServerSpec`]), a supervisor, or whatever else a [`ChildSpec`] starts.
///
/// Whoever starts one whose type is known gets a reference to it:
///
/// ```
/// # use umbrella::prelude::*;
/// # struct Bucket;
/// # #[gen_server]
/// # impl Bucket {
/// #     fn init() -> Self { Self }
/// #     #[call]
/// #     fn get(&self, key: String) -> Option<String> { None }
/// # }
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(Node::new("example").scope(async {
/// let buckets = DynamicSupervisor::new().start().await?;
/// let shopping = buckets.start_child(Bucket::child_spec(())).await?;
/// assert_eq!(shopping.get("milk".into()).await?, None);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # }))?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub trait Child: Into<ChildSpec> {
    /// What whoever starts one gets: a reference, or of a [`ChildSpec`] the pid, if it has something to run.
    type Started;

    /// The child that runs as `pid`, as whoever started it gets it.
    #[doc(hidden)]
    fn started(pid: Option<Pid>) -> Result<Self::Started, ChildError>;
}

impl Child for ChildSpec {
    type Started = Option<Pid>;

    fn started(pid: Option<Pid>) -> Result<Option<Pid>, ChildError> {
        Ok(pid)
    }
}

impl<S> Child for ServerSpec<S>
where
    S: GenServer,
    S::Args: Clone + Sync,
{
    type Started = Ref<S::Protocol>;

    fn started(pid: Option<Pid>) -> Result<Self::Started, ChildError> {
        typed(pid)
    }
}

impl Child for Supervisor {
    type Started = Ref<Self>;

    fn started(pid: Option<Pid>) -> Result<Ref<Self>, ChildError> {
        typed(pid)
    }
}

impl Child for DynamicSupervisor {
    type Started = Ref<Self>;

    fn started(pid: Option<Pid>) -> Result<Ref<Self>, ChildError> {
        typed(pid)
    }
}

fn typed<P: Protocol>(pid: Option<Pid>) -> Result<Ref<P>, ChildError> {
    let pid = pid.ok_or(ChildError::Start(StartError::Ignore))?;
    Ref::from_pid(pid).ok_or(ChildError::Ended(pid))
}

impl From<Supervisor> for ChildSpec {
    /// Called by its registered name, else `Supervisor`; [`Supervisor::child_spec`] calls it something else.
    fn from(supervisor: Supervisor) -> Self {
        let id = supervisor.name.clone().unwrap_or_else(|| "Supervisor".into());
        supervisor.child_spec(id)
    }
}

impl From<DynamicSupervisor> for ChildSpec {
    /// Called by its registered name, else `DynamicSupervisor`; [`DynamicSupervisor::child_spec`] calls it something
    /// else.
    fn from(supervisor: DynamicSupervisor) -> Self {
        let id = supervisor.registered_name().cloned().unwrap_or_else(|| "DynamicSupervisor".into());
        supervisor.child_spec(id)
    }
}
