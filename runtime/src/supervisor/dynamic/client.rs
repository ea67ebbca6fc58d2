//! What can be asked of a running dynamic supervisor.

use super::{DynamicSupervisor, far};
use crate::gen_server::{CallError, ReplyTo};
use crate::process::{ExitReason, Pid, wait_exit};
use crate::registry::wire::{Export, ExportError, Import, ImportError, Shape, WayBack};
use crate::registry::{Address, Client, Exported, Protocol};
use crate::supervisor::child::Child;
use crate::supervisor::child_spec::ChildSpec;
use crate::supervisor::client::{ChildCounts, ChildError, ChildInfo};

/// What a dynamic supervisor understands: the calls of [`DynamicSupervisorClient`], and its own reminder.
#[derive(Debug)]
pub enum Request {
    #[doc(hidden)]
    WhichChildren(ReplyTo<Vec<ChildInfo>>),
    #[doc(hidden)]
    CountChildren(ReplyTo<ChildCounts>),
    #[doc(hidden)]
    StartChild(Box<ChildSpec>, ReplyTo<Result<Option<Pid>, ChildError>>),
    #[doc(hidden)]
    TerminateChild(Pid, ReplyTo<Result<(), ChildError>>),
    #[doc(hidden)]
    GetChildspec(Pid, ReplyTo<Result<ChildSpec, ChildError>>),
    #[doc(hidden)]
    Stop(ExitReason, ReplyTo<()>),
    /// The restart of the child that was this process failed; the mailbox has been served, so try again.
    #[doc(hidden)]
    TryAgain(Pid, ExitReason),
}

impl Protocol for DynamicSupervisor {
    type Message = Request;
    type Client = DynamicSupervisorClient;

    const HANDLERS: &'static [&'static str] = far::HANDLERS;

    fn handler(request: &Request) -> u16 {
        far::handler(request)
    }

    const SHAPES: &'static [Shape] = far::SHAPES;

    fn export(request: &Request, to: Export<'_>) -> Result<(), ExportError> {
        far::export(request, to)
    }

    fn take_reply(request: &mut Request) -> Option<WayBack> {
        far::take_reply(request)
    }

    fn import(from: &mut Import<'_>) -> Result<Request, ImportError> {
        Exported::<Self>::import(from)
    }
}

/// What can be asked of a running dynamic supervisor; a `Ref<DynamicSupervisor>` dereferences to it.
///
/// The calls wait for as long as the supervisor lives, as those of
/// [`SupervisorClient`](crate::supervisor::SupervisorClient) do. Of one of another node, which must be
/// [exported](DynamicSupervisor::export) there, children can be listed, counted and terminated.
///
/// Source: Elixir `DynamicSupervisor`.
#[derive(Debug)]
pub struct DynamicSupervisorClient {
    address: Address<DynamicSupervisor>,
}

impl Client<DynamicSupervisor> for DynamicSupervisorClient {
    fn new(address: Address<DynamicSupervisor>) -> Self {
        Self { address }
    }

    fn address(&self) -> &Address<DynamicSupervisor> {
        &self.address
    }
}

impl DynamicSupervisorClient {
    pub(crate) const fn named(name: &'static str, application: &'static str) -> Self {
        Self { address: Address::name(name, application) }
    }

    /// Starts a child and watches over it. Ids need not differ; they are for reports.
    ///
    /// The answer is a reference to a server or a supervisor, and of a [`ChildSpec`] the pid; see [`Child`].
    /// One that has nothing to run ([`StartError::Ignore`](crate::gen_server::StartError::Ignore)) is forgotten.
    ///
    /// Source: Elixir `DynamicSupervisor.start_child/2`.
    ///
    /// # Errors
    /// [`ChildError::MaxChildren`], [`ChildError::BadSpec`], [`ChildError::Start`] if the child does not start,
    /// [`ChildError::Call`] if the supervisor is gone.
    ///
    /// # Cancel safety
    /// Dropping the future does not stop the start.
    pub async fn start_child<C: Child>(&self, child: C) -> Result<C::Started, ChildError> {
        let spec = Box::new(child.into());
        C::started(self.address.call(|reply| Request::StartChild(spec, reply)).infinity().await??)
    }

    /// Terminates a child and forgets it. The answer comes when it is gone.
    ///
    /// A child that is between two restart attempts is known by its last pid, and not tried again.
    ///
    /// Source: Elixir `DynamicSupervisor.terminate_child/2`.
    /// Differs: OTP's `simple_one_for_one` answers `ok` for any process that is gone.
    ///
    /// # Errors
    /// [`ChildError::NotFound`] if it is not a child; [`ChildError::Call`] if the supervisor is gone.
    ///
    /// # Cancel safety
    /// Dropping the future does not stop the termination.
    pub async fn terminate_child(&self, pid: Pid) -> Result<(), ChildError> {
        self.address.call(|reply| Request::TerminateChild(pid, reply)).infinity().await?
    }

    /// Lists the children, in no order.
    ///
    /// Source: Elixir `DynamicSupervisor.which_children/1`.
    ///
    /// # Errors
    /// [`CallError`] if the supervisor is gone.
    pub async fn which_children(&self) -> Result<Vec<ChildInfo>, CallError> {
        self.address.call(Request::WhichChildren).infinity().await
    }

    /// Counts the children, in the same time however many there are.
    ///
    /// Source: OTP `supervisor:count_children/1`: a child whose end the supervisor has not heard of yet counts as active.
    ///
    /// # Errors
    /// [`CallError`] if the supervisor is gone.
    pub async fn count_children(&self) -> Result<ChildCounts, CallError> {
        self.address.call(Request::CountChildren).infinity().await
    }

    /// Gives a copy of a child's specification; see
    /// [`SupervisorClient::get_childspec`](crate::supervisor::SupervisorClient::get_childspec).
    ///
    /// Source: OTP `supervisor:get_childspec/2`.
    ///
    /// # Errors
    /// [`ChildError::NotFound`] if it is not a child; [`ChildError::Call`] if the supervisor is gone.
    pub async fn get_childspec(&self, pid: Pid) -> Result<ChildSpec, ChildError> {
        self.address.call(|reply| Request::GetChildspec(pid, reply)).infinity().await?
    }

    /// Stops the supervisor with `reason`, and with it all children at once. Returns when it is gone.
    ///
    /// For supervisors started outside the tree; one that has a supervisor is stopped by it.
    ///
    /// Source: Elixir `DynamicSupervisor.stop/3`.
    ///
    /// # Errors
    /// [`CallError`] if the supervisor was gone already.
    ///
    /// # Cancel safety
    /// Dropping the future does not stop the stopping.
    pub async fn stop(&self, reason: ExitReason) -> Result<(), CallError> {
        let pid = self.address.pid();
        self.address.call(|reply| Request::Stop(reason, reply)).infinity().await?;
        if let Some(pid) = pid {
            wait_exit(pid).await;
        }
        Ok(())
    }
}
