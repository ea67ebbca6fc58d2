//! Tasks that a supervisor owns.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use super::supervised::Unclaimed;
use super::{AsyncStream, Link, Task};
use crate::gen_server::StartError;
use crate::process::{IntoExitReason, Pid, self_pid};
use crate::registry::{Address, Client, Name, Protocol, Ref};
use crate::supervisor::{ChildError, ChildSpec, DynamicSupervisor, DynamicSupervisorClient};

/// A supervisor of tasks: what starts a task owns it no more than it wants to, and none outlives the application.
///
/// It is a [`DynamicSupervisor`], and `Ref<TaskSupervisor>` can do all that one can.
///
/// ```
/// # use umbrella::prelude::*;
/// const TASKS: Name<TaskSupervisor> = TaskSupervisor::named("tasks", env!("CARGO_PKG_NAME"));
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(Node::new("example").scope(async {
/// Supervisor::new(Strategy::OneForOne).child(TaskSupervisor::new().name(TASKS)).start().await?;
///
/// let answer = TASKS.spawn_nolink(async { 6 * 7 }).await?;
/// assert_eq!(answer.await, Ok(42));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # }))?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
///
/// Source: Elixir `Task.Supervisor`.
#[derive(Clone, Debug)]
#[must_use = "a supervisor does nothing until it is started"]
pub struct TaskSupervisor(DynamicSupervisor);

impl TaskSupervisor {
    /// A supervisor without tasks.
    #[expect(
        clippy::new_without_default,
        reason = "there is one way to begin, as with `DynamicSupervisor::new`"
    )]
    pub fn new() -> Self {
        Self(DynamicSupervisor::new())
    }

    /// A name for a task supervisor of `application`, to be given to [`name`](Self::name) and called by others.
    ///
    /// In the application itself `env!("CARGO_PKG_NAME")` is its name.
    pub const fn named(name: &'static str, application: &'static str) -> Name<Self> {
        Name::from_client(TaskSupervisorClient {
            address: Address::name(name, application),
            supervisor: DynamicSupervisorClient::named(name, application),
        })
    }

    /// Refuses more tasks than this; no limit by default.
    pub fn max_children(self, max_children: usize) -> Self {
        Self(self.0.max_children(max_children))
    }

    /// Allows `restarts` within any [`period`](Self::period), of all tasks together; 1 by default.
    ///
    /// Only tasks of [`start_child`](DynamicSupervisorClient::start_child) that are not temporary are restarted.
    pub fn intensity(self, restarts: u32) -> Self {
        Self(self.0.intensity(restarts))
    }

    /// Counts restarts within this time; 5 s by default.
    pub fn period(self, period: Duration) -> Self {
        Self(self.0.period(period))
    }

    /// Registers the supervisor under `name`.
    pub fn name(self, name: Name<Self>) -> Self {
        Self(self.0.name(DynamicSupervisor::named(Name::as_str(&name), "")))
    }

    /// Makes this supervisor a child of another one: permanent, and given all the time it needs to shut down.
    pub fn child_spec(self, id: impl Into<Arc<str>>) -> ChildSpec {
        self.0.child_spec(id)
    }

    /// Starts the supervisor, linked to the running process.
    ///
    /// Source: Elixir `Task.Supervisor.start_link/1`.
    ///
    /// # Errors
    /// As [`DynamicSupervisor::start_link`].
    pub async fn start_link(self) -> Result<Ref<Self>, StartError> {
        self.0.start_link().await.map(|supervisor| supervisor.speaking())
    }

    /// Starts the supervisor with no link: it lives until it is stopped or gives up.
    ///
    /// # Errors
    /// As [`DynamicSupervisor::start_link`].
    pub async fn start(self) -> Result<Ref<Self>, StartError> {
        self.0.start().await.map(|supervisor| supervisor.speaking())
    }
}

impl From<TaskSupervisor> for ChildSpec {
    /// Called by its registered name, else `TaskSupervisor`; [`TaskSupervisor::child_spec`] calls it something else.
    fn from(supervisor: TaskSupervisor) -> Self {
        let id = supervisor.0.registered_name().cloned().unwrap_or_else(|| "TaskSupervisor".into());
        supervisor.child_spec(id)
    }
}

impl Protocol for TaskSupervisor {
    type Message = <DynamicSupervisor as Protocol>::Message;
    type Client = TaskSupervisorClient;
}

/// What can be asked of a running task supervisor, beside what can be asked of any dynamic supervisor.
///
/// Source: Elixir `Task.Supervisor`.
#[derive(Debug)]
pub struct TaskSupervisorClient {
    address: Address<TaskSupervisor>,
    supervisor: DynamicSupervisorClient,
}

impl Client<TaskSupervisor> for TaskSupervisorClient {
    fn new(address: Address<TaskSupervisor>) -> Self {
        let supervisor = DynamicSupervisorClient::new(address.clone().speaking());
        Self { address, supervisor }
    }

    fn address(&self) -> &Address<TaskSupervisor> {
        &self.address
    }
}

impl Deref for TaskSupervisorClient {
    type Target = DynamicSupervisorClient;

    fn deref(&self) -> &DynamicSupervisorClient {
        &self.supervisor
    }
}

impl TaskSupervisorClient {
    /// Runs `job` under the supervisor, linked to the running process too, which can await it.
    ///
    /// Source: Elixir `Task.Supervisor.async/2`.
    ///
    /// # Errors
    /// [`ChildError::MaxChildren`]; [`ChildError::Call`] if the supervisor is gone.
    ///
    /// # Cancel safety
    /// Dropping the future does not stop the start.
    pub async fn spawn<T: Send + 'static>(
        &self,
        job: impl Future<Output = T> + Send + 'static,
    ) -> Result<Task<T>, ChildError> {
        self.start_task(self_pid(), job, Unclaimed::RunsOn).await
    }

    /// Runs `job` under the supervisor, not linked to the running process, which can await it.
    ///
    /// A crash of the task is an error to its owner and nothing more, and the end of the owner does not end the task.
    ///
    /// Source: Elixir `Task.Supervisor.async_nolink/2`.
    ///
    /// # Errors
    /// As [`spawn`](Self::spawn).
    ///
    /// # Cancel safety
    /// Dropping the future does not stop the start.
    pub async fn spawn_nolink<T: Send + 'static>(
        &self,
        job: impl Future<Output = T> + Send + 'static,
    ) -> Result<Task<T>, ChildError> {
        self.start_task(None, job, Unclaimed::RunsOn).await
    }

    /// As [`Task::async_stream`], with tasks that belong to the supervisor, and are linked to the running process too.
    ///
    /// An item whose task does not start answers [`TaskError::NotStarted`](super::TaskError::NotStarted), and the others
    /// go on. The time of an item begins when its task has started.
    ///
    /// ```
    /// # use umbrella::prelude::*;
    /// const TASKS: Name<TaskSupervisor> = TaskSupervisor::named("tasks", env!("CARGO_PKG_NAME"));
    ///
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    /// # runtime.block_on(Node::new("example").scope(async {
    /// Supervisor::new(Strategy::OneForOne).child(TaskSupervisor::new().name(TASKS)).start().await?;
    ///
    /// let squares = TASKS.async_stream(1..=3, async |n: u64| n * n).max_concurrency(2);
    /// assert_eq!(squares.collect().await, [Ok(1), Ok(4), Ok(9)]);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # }))?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Source: Elixir `Task.Supervisor.async_stream/4`.
    /// Differs: when the supervisor refuses a task (`max_children`), Elixir raises in the caller; here it is the answer of
    /// the item.
    pub fn async_stream<N, J, F>(&self, items: N, job: J) -> AsyncStream<N::IntoIter, J, F::Output>
    where
        N: IntoIterator,
        J: FnMut(N::Item) -> F,
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        Task::async_stream(items, job).under(self.address(), Link::Owner)
    }

    /// As [`async_stream`](Self::async_stream), with tasks that are not linked to the running process: a crash of one is
    /// its answer, and nothing more.
    ///
    /// Source: Elixir `Task.Supervisor.async_stream_nolink/4`.
    pub fn async_stream_nolink<N, J, F>(&self, items: N, job: J) -> AsyncStream<N::IntoIter, J, F::Output>
    where
        N: IntoIterator,
        J: FnMut(N::Item) -> F,
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        Task::async_stream(items, job).under(self.address(), Link::Nobody)
    }

    /// Runs `job` under the supervisor. Nobody awaits it, so an error that it answers is the reason of its end.
    ///
    /// One that shall be restarted is started by [`start_child`](DynamicSupervisorClient::start_child), with
    /// [`Task::child_spec`].
    ///
    /// Source: Elixir `Task.Supervisor.start_child/2`.
    ///
    /// # Errors
    /// As [`spawn`](Self::spawn).
    ///
    /// # Cancel safety
    /// Dropping the future does not stop the start.
    pub async fn start<J>(&self, job: J) -> Result<Pid, ChildError>
    where
        J: Future<Output: IntoExitReason> + Send + 'static,
    {
        let process = self.start_process::<J, _>(None, job, Unclaimed::RunsOn).await?;
        Ok(process.head().pid)
    }

    /// The tasks that run, in no order.
    ///
    /// Source: Elixir `Task.Supervisor.children/1`.
    ///
    /// # Errors
    /// [`CallError`](crate::gen_server::CallError) if the supervisor is gone.
    pub async fn children(&self) -> Result<Vec<Pid>, crate::gen_server::CallError> {
        let children = self.which_children().await?;
        Ok(children.iter().filter_map(|child| child.state.pid()).collect())
    }
}
