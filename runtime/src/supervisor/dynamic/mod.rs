//! Dynamic supervisors: children come and go at run time, in any number and in no order.

use std::sync::Arc;
use std::time::Duration;

mod children;
mod client;
mod driver;
mod far;
#[cfg(test)]
mod tests;

pub use client::DynamicSupervisorClient;

use driver::{Args, Driver};

use super::child_spec::{ChildSpec, SpecError};
use super::intensity::Window;
use super::{AutoShutdown, INTENSITY, PERIOD};
use crate::gen_server::{Start, StartError};
use crate::registry::{Name, Ref};

/// A supervisor for children that are started on demand: one for each connection, session, or job.
///
/// It begins without children. Each is started by [`start_child`](DynamicSupervisorClient::start_child), known by its
/// pid, restarted alone, and forgotten when it is not restarted. When the supervisor ends, all are asked to stop at once.
/// A million children are no burden: starting, restarting, and stopping one costs the same however many there are.
///
/// Source: Elixir `DynamicSupervisor`; OTP `supervisor(3)`, `simple_one_for_one`.
/// Differs: OTP starts all children from one specification, here each has its own, as in Elixir. There are no
/// `extra_arguments`: a start function captures what all children share. A child whose restart has nothing to run is
/// forgotten, as in Elixir.
#[derive(Clone, Debug)]
#[must_use = "a supervisor does nothing until it is started"]
pub struct DynamicSupervisor {
    intensity: u32,
    period: Duration,
    max_children: usize,
    auto_shutdown: AutoShutdown,
    name: Option<Arc<str>>,
}

impl DynamicSupervisor {
    /// A supervisor without children.
    #[expect(clippy::new_without_default, reason = "there is one way to begin, as with `Supervisor::new`")]
    pub fn new() -> Self {
        Self {
            intensity: INTENSITY,
            period: PERIOD,
            max_children: usize::MAX,
            auto_shutdown: AutoShutdown::default(),
            name: None,
        }
    }

    /// A name for a dynamic supervisor of `application`, to be given to [`name`](Self::name) and called by others.
    ///
    /// In the application itself `env!("CARGO_PKG_NAME")` is its name.
    pub const fn named(name: &'static str, application: &'static str) -> Name<Self> {
        Name::from_client(DynamicSupervisorClient::named(name, application))
    }

    /// Allows `restarts` within any [`period`](Self::period), of all children together; one more and the supervisor
    /// gives up. 1 by default.
    pub fn intensity(mut self, restarts: u32) -> Self {
        self.intensity = restarts;
        self
    }

    /// Counts restarts within this time; 5 s by default.
    pub fn period(mut self, period: Duration) -> Self {
        self.period = period;
        self
    }

    /// Refuses more children than this; no limit by default.
    pub fn max_children(mut self, max_children: usize) -> Self {
        self.max_children = max_children;
        self
    }

    /// Ends the supervisor when significant children have ended; [`AutoShutdown::Never`] by default.
    ///
    /// With [`AutoShutdown::AllSignificant`] that is when the last one has: a supervisor that had none yet lives on.
    pub fn auto_shutdown(mut self, auto_shutdown: AutoShutdown) -> Self {
        self.auto_shutdown = auto_shutdown;
        self
    }

    /// Registers the supervisor under `name`.
    pub fn name(mut self, name: Name<Self>) -> Self {
        self.name = Some(Name::as_str(&name).into());
        self
    }

    pub(crate) fn registered_name(&self) -> Option<&Arc<str>> {
        self.name.as_ref()
    }

    /// Makes this supervisor a child of another one: permanent, and given all the time it needs to shut down.
    pub fn child_spec(self, id: impl Into<Arc<str>>) -> ChildSpec {
        ChildSpec::supervisor(id, move || {
            let supervisor = self.clone();
            async move { supervisor.start_link().await.map(|supervisor| Ref::pid(&supervisor)) }
        })
    }

    /// Starts the supervisor, linked to the running process.
    ///
    /// Source: Elixir `DynamicSupervisor.start_link/1`.
    ///
    /// # Errors
    /// [`StartError::AlreadyStarted`] if the name is taken; [`StartError::BadSpec`] if the period is zero.
    pub async fn start_link(self) -> Result<Ref<Self>, StartError> {
        self.run(Start::link).await
    }

    /// Starts the supervisor with no link: it lives until it is stopped or gives up.
    ///
    /// # Errors
    /// As [`start_link`](Self::start_link).
    pub async fn start(self) -> Result<Ref<Self>, StartError> {
        self.run(|start| start).await
    }

    async fn run(self, linked: impl FnOnce(Start<Driver>) -> Start<Driver>) -> Result<Ref<Self>, StartError> {
        if self.period.is_zero() {
            return Err(SpecError::ZeroPeriod.into());
        }
        let window = Window::new(self.intensity, self.period);
        let Self { max_children, auto_shutdown, .. } = self;
        let args = Args { name: self.name.clone(), window, max_children, auto_shutdown };
        let start = linked(Start::new(args));
        match self.name {
            Some(name) => start.registered_as(name).start().await,
            None => start.start().await,
        }
    }
}
