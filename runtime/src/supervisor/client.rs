//! What can be asked of a running supervisor.

use std::sync::Arc;

use thiserror::Error;

use super::Supervisor;
use super::child::Child;
use super::child_spec::{ChildKind, ChildSpec, SpecError};
use super::children::{ChildState, Key};
use super::far;
use crate::gen_server::{CallError, ReplyTo, StartError};
use crate::process::{ExitReason, Pid, wait_exit};
use crate::registry::wire::{Export, ExportError, Import, ImportError, Shape, WayBack};
use crate::registry::{Address, Client, Exported, Protocol};

/// One child, as [`SupervisorClient::which_children`] tells of it.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct ChildInfo {
    /// What the child is called among the children of its supervisor.
    pub id: Arc<str>,
    /// Where it is in its life, with its process.
    pub state: ChildState,
    /// Whether it is a supervisor.
    pub kind: ChildKind,
    /// How often it was restarted because it had ended, or did not start; a supervisor of another node does not tell.
    pub restarts: Option<u32>,
}

/// How many children there are, as [`SupervisorClient::count_children`] tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct ChildCounts {
    /// All children, alive or not.
    pub specs: usize,
    /// Those with a live process.
    pub active: usize,
    /// Those that are supervisors, alive or not.
    pub supervisors: usize,
    /// Those that are workers, alive or not.
    pub workers: usize,
}

/// Why a supervisor did not do what it was asked to do with a child.
///
/// Source: OTP `supervisor:start_child/2`, `restart_child/2`, `terminate_child/2`, `delete_child/2`.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum ChildError {
    /// No child has this id.
    #[error("no such child")]
    NotFound,
    /// A child with this id runs already, as this process.
    #[error("already started as {0}")]
    AlreadyStarted(Pid),
    /// A child with this id exists, though it does not run.
    #[error("already present, but not running")]
    AlreadyPresent,
    /// The child runs.
    #[error("the child is running")]
    Running,
    /// The child is between two attempts to restart it.
    #[error("the child is being restarted")]
    Restarting,
    /// The specification contradicts itself or the supervisor.
    #[error(transparent)]
    BadSpec(#[from] SpecError),
    /// The child did not start.
    #[error("the child did not start: {0}")]
    Start(StartError),
    /// The child was started as this process, which has ended before there was a reference to it.
    #[error("the child was started as {0} and has ended")]
    Ended(Pid),
    /// A dynamic supervisor has as many children as it may have.
    #[error("the supervisor has its maximum of {0} children")]
    MaxChildren(usize),
    /// The supervisor could not be asked.
    #[error(transparent)]
    Call(#[from] CallError),
}

/// What a supervisor understands: the calls of [`SupervisorClient`], and its own reminder.
#[derive(Debug)]
pub enum Request {
    #[doc(hidden)]
    WhichChildren(ReplyTo<Vec<ChildInfo>>),
    #[doc(hidden)]
    CountChildren(ReplyTo<ChildCounts>),
    #[doc(hidden)]
    StartChild(Box<ChildSpec>, ReplyTo<Result<Option<Pid>, ChildError>>),
    #[doc(hidden)]
    TerminateChild(Arc<str>, ReplyTo<Result<(), ChildError>>),
    #[doc(hidden)]
    RestartChild(Arc<str>, ReplyTo<Result<Option<Pid>, ChildError>>),
    #[doc(hidden)]
    DeleteChild(Arc<str>, ReplyTo<Result<(), ChildError>>),
    #[doc(hidden)]
    GetChildspec(Arc<str>, ReplyTo<Result<ChildSpec, ChildError>>),
    #[doc(hidden)]
    Stop(ExitReason, ReplyTo<()>),
    #[doc(hidden)]
    TryAgain(TryAgain),
}

/// A restart failed; the mailbox has been served up to here, so try again.
///
/// Source: OTP `{try_again_restart, Id}`.
#[derive(Debug)]
pub struct TryAgain {
    pub(super) key: Key,
    pub(super) fault: Option<Fault>,
}

/// What a child is restarted for.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub(super) key: Key,
    /// What it was, if it ended by itself.
    pub(super) pid: Option<Pid>,
    /// Why it ended, or did not start.
    pub(super) reason: ExitReason,
}

impl Protocol for Supervisor {
    type Message = Request;
    type Client = SupervisorClient;

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

/// What can be asked of a running supervisor; a [`Ref<Supervisor>`](crate::registry::Ref) dereferences to it.
///
/// The calls wait for as long as the supervisor lives, since starting and stopping children takes the time it takes.
/// While it does either, the supervisor answers nothing else. Who waits no longer than it has to says so, with
/// [`with_deadline`](crate::process::with_deadline) or by dropping the future.
///
/// Of a supervisor of another node, which must be [exported](Supervisor::export) there, children can be listed, counted,
/// terminated, restarted and deleted; what starts a child cannot cross, so `start_child` fails with
/// [`CallError::BadMessage`], as do `get_childspec` and `stop`. The reason of a child that did not start again comes as text.
///
/// Source: OTP `supervisor(3)`.
#[derive(Debug)]
pub struct SupervisorClient {
    address: Address<Supervisor>,
}

impl Client<Supervisor> for SupervisorClient {
    fn new(address: Address<Supervisor>) -> Self {
        Self { address }
    }

    fn address(&self) -> &Address<Supervisor> {
        &self.address
    }
}

impl SupervisorClient {
    pub(super) const fn named(name: &'static str, application: &'static str) -> Self {
        Self { address: Address::name(name, application) }
    }

    /// Lists the children, the one started last first.
    ///
    /// Source: OTP `supervisor:which_children/1`.
    ///
    /// # Errors
    /// [`CallError`] if the supervisor is gone.
    pub async fn which_children(&self) -> Result<Vec<ChildInfo>, CallError> {
        self.address.call(Request::WhichChildren).infinity().await
    }

    /// Counts the children.
    ///
    /// Source: OTP `supervisor:count_children/1`.
    ///
    /// # Errors
    /// [`CallError`] if the supervisor is gone.
    pub async fn count_children(&self) -> Result<ChildCounts, CallError> {
        self.address.call(Request::CountChildren).infinity().await
    }

    /// Adds a child after all others and starts it.
    ///
    /// The answer is a reference to a server or a supervisor, and of a [`ChildSpec`] the pid; see [`Child`].
    /// One that has nothing to run ([`StartError::Ignore`]) is added without a process, one that does not start is not.
    ///
    /// Source: OTP `supervisor:start_child/2`.
    ///
    /// # Errors
    /// [`ChildError::AlreadyStarted`] or [`ChildError::AlreadyPresent`] if the id is taken, [`ChildError::BadSpec`],
    /// [`ChildError::Start`] if the child does not start, [`ChildError::Call`] if the supervisor is gone.
    ///
    /// # Cancel safety
    /// Dropping the future does not stop the start.
    pub async fn start_child<C: Child>(&self, child: C) -> Result<C::Started, ChildError> {
        let spec = Box::new(child.into());
        C::started(self.address.call(|reply| Request::StartChild(spec, reply)).infinity().await??)
    }

    /// Terminates a child and keeps its specification, unless it is temporary.
    ///
    /// The child is asked to stop and has its [`Shutdown`](super::Shutdown) time to do so; then it is killed.
    /// Siblings are untouched, whatever the strategy. The answer comes when the child is gone.
    /// A child that is between two restart attempts is not tried again.
    ///
    /// Source: OTP `supervisor:terminate_child/2`.
    ///
    /// # Errors
    /// [`ChildError::NotFound`] if no child has this id; [`ChildError::Call`] if the supervisor is gone.
    ///
    /// # Cancel safety
    /// Dropping the future does not stop the termination.
    pub async fn terminate_child(&self, id: impl Into<Arc<str>>) -> Result<(), ChildError> {
        let id = id.into();
        self.address.call(|reply| Request::TerminateChild(id, reply)).infinity().await?
    }

    /// Starts a child that does not run. This does not count as a restart.
    ///
    /// The answer is its pid, or nothing if it has nothing to run ([`StartError::Ignore`]).
    ///
    /// Source: OTP `supervisor:restart_child/2`.
    ///
    /// # Errors
    /// [`ChildError::NotFound`], [`ChildError::Running`], [`ChildError::Restarting`],
    /// [`ChildError::Start`] if the child does not start, [`ChildError::Call`] if the supervisor is gone.
    ///
    /// # Cancel safety
    /// Dropping the future does not stop the start.
    pub async fn restart_child(&self, id: impl Into<Arc<str>>) -> Result<Option<Pid>, ChildError> {
        let id = id.into();
        self.address.call(|reply| Request::RestartChild(id, reply)).infinity().await?
    }

    /// Forgets a child that does not run.
    ///
    /// Source: OTP `supervisor:delete_child/2`.
    ///
    /// # Errors
    /// [`ChildError::NotFound`], [`ChildError::Running`], [`ChildError::Restarting`];
    /// [`ChildError::Call`] if the supervisor is gone.
    pub async fn delete_child(&self, id: impl Into<Arc<str>>) -> Result<(), ChildError> {
        let id = id.into();
        self.address.call(|reply| Request::DeleteChild(id, reply)).infinity().await?
    }

    /// Gives a copy of a child's specification, as the supervisor has it.
    ///
    /// What a temporary child was started with is forgotten once it runs: its copy starts nothing.
    ///
    /// Source: OTP `supervisor:get_childspec/2`.
    ///
    /// # Errors
    /// [`ChildError::NotFound`] if no child has this id; [`ChildError::Call`] if the supervisor is gone.
    pub async fn get_childspec(&self, id: impl Into<Arc<str>>) -> Result<ChildSpec, ChildError> {
        let id = id.into();
        self.address.call(|reply| Request::GetChildspec(id, reply)).infinity().await?
    }

    /// Stops the supervisor with `reason`: its children are terminated right to left. Returns when it is gone.
    ///
    /// For supervisors started outside the tree; one that has a supervisor is stopped by it.
    ///
    /// Source: Elixir `Supervisor.stop/3`.
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
