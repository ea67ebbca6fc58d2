//! Supervisors: processes that start other processes, watch them, and start them again when they crash.
//!
//! A supervisor has children, in order. It starts them left to right and stops them right to left.
//! When one ends, its [`Restart`] says whether it is started again, and the [`Strategy`] which siblings share its fate.
//! A supervisor that restarts too often gives up: it stops its children and ends, and *its* supervisor decides.
//! So an error that a restart cures is cured near its place, and any other travels up until one does.
//!
//! ```
//! use umbrella::prelude::*;
//!
//! const ROOMS: Name<DynamicSupervisor> = DynamicSupervisor::named("rooms", env!("CARGO_PKG_NAME"));
//!
//! struct Room;
//!
//! #[gen_server]
//! impl Room {
//!     fn init(_topic: String) -> Self {
//!         Self
//!     }
//!
//!     #[call]
//!     fn people(&self) -> usize {
//!         0
//!     }
//! }
//!
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
//! # runtime.block_on(Node::new("example").scope(async {
//! let top = Supervisor::new(Strategy::OneForOne)
//!     .intensity(3)
//!     .child(Room::child_spec("the lobby".into()).restart(Restart::Transient))
//!     .child(DynamicSupervisor::new().name(ROOMS))
//!     .start()
//!     .await?;
//! let room = ROOMS.start_child(Room::child_spec("rust".into())).await?;
//! assert_eq!(room.people().await?, 0);
//! assert_eq!(top.count_children().await?.workers, 1);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! # }))?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! What decides is pure: `strategy` and `intensity` know neither processes nor clocks. `driver` is the process.
//!
//! # Defaults
//!
//! | what | value | source |
//! |---|---|---|
//! | intensity and period | 1 restart in 5 s ([`INTENSITY`], [`PERIOD`]) | OTP `supervisor(3)`; Elixir has 3 in 5 s |
//! | automatic shutdown | [`AutoShutdown::Never`] | OTP `supervisor(3)` |
//! | restart type | [`Restart::Permanent`] | OTP `supervisor(3)` |
//! | shutdown time | worker 5 s ([`WORKER_SHUTDOWN`]), supervisor infinity | OTP `supervisor(3)` |

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

mod child;
mod child_spec;
mod children;
mod client;
mod driver;
mod dynamic;
mod far;
mod intensity;
mod report;
mod server_spec;
mod strategy;
mod termination;

#[cfg(test)]
mod tests;

pub use child::Child;
pub use child_spec::{ChildKind, ChildSpec, Restart, Shutdown, SpecError, WORKER_SHUTDOWN};
pub use children::ChildState;
pub use client::{ChildCounts, ChildError, ChildInfo, SupervisorClient};
pub use dynamic::{DynamicSupervisor, DynamicSupervisorClient};
pub use server_spec::{ServerSpec, Supervised, SupervisedMachine};
pub use strategy::{AutoShutdown, Strategy};

use children::Children;
use driver::Driver;
use intensity::Window;
use strategy::Supervision;

use crate::gen_server::{Start, StartError};
use crate::registry::{Name, Ref};

/// How many restarts within the [`PERIOD`] are too many, less one.
///
/// Source: OTP `supervisor(3)`, `intensity`.
pub const INTENSITY: u32 = 1;

/// The time within which restarts are counted.
///
/// Source: OTP `supervisor(3)`, `period`.
pub const PERIOD: Duration = Duration::from_secs(5);

/// A supervisor: what it is to be, and, in `Ref<Supervisor>`, one that runs.
///
/// Source: OTP `supervisor(3)`.
#[derive(Clone, Debug)]
#[must_use = "a supervisor does nothing until it is started"]
pub struct Supervisor {
    strategy: Strategy,
    auto_shutdown: AutoShutdown,
    intensity: u32,
    period: Duration,
    name: Option<Arc<str>>,
    children: Vec<ChildSpec>,
}

impl Supervisor {
    /// A supervisor without children.
    pub fn new(strategy: Strategy) -> Self {
        Self {
            strategy,
            auto_shutdown: AutoShutdown::default(),
            intensity: INTENSITY,
            period: PERIOD,
            name: None,
            children: Vec::new(),
        }
    }

    /// A name for a supervisor of `application`, to be given to [`name`](Self::name) and called by others.
    ///
    /// In the application itself `env!("CARGO_PKG_NAME")` is its name.
    pub const fn named(name: &'static str, application: &'static str) -> Name<Self> {
        Name::from_client(SupervisorClient::named(name, application))
    }

    /// Allows `restarts` within any [`period`](Self::period); one more and the supervisor gives up. 1 by default.
    pub fn intensity(mut self, restarts: u32) -> Self {
        self.intensity = restarts;
        self
    }

    /// Counts restarts within this time; 5 s by default.
    pub fn period(mut self, period: Duration) -> Self {
        self.period = period;
        self
    }

    /// Ends the supervisor when significant children have ended; [`AutoShutdown::Never`] by default.
    pub fn auto_shutdown(mut self, auto_shutdown: AutoShutdown) -> Self {
        self.auto_shutdown = auto_shutdown;
        self
    }

    /// Adds a child after those added before.
    pub fn child(mut self, child: impl Into<ChildSpec>) -> Self {
        self.children.push(child.into());
        self
    }

    /// Registers the supervisor under `name`.
    pub fn name(mut self, name: Name<Self>) -> Self {
        self.name = Some(Name::as_str(&name).into());
        self
    }

    /// Makes this supervisor a child of another one: permanent, and given all the time it needs to shut down.
    pub fn child_spec(self, id: impl Into<Arc<str>>) -> ChildSpec {
        ChildSpec::supervisor(id, move || {
            let supervisor = self.clone();
            async move { supervisor.start_link().await.map(|supervisor| Ref::pid(&supervisor)) }
        })
    }

    /// Checks the children and the settings, and starts nothing.
    ///
    /// Source: OTP `supervisor:check_childspecs/2`.
    ///
    /// # Errors
    /// [`SpecError`] says what is contradictory first.
    pub fn check(&self) -> Result<(), SpecError> {
        self.clone().supervision().map(drop)
    }

    /// Starts the supervisor and its children, linked to the running process.
    ///
    /// The answer comes when all children have started. If one does not, those before it are terminated again, right
    /// to left, and the supervisor ends.
    ///
    /// Source: OTP `supervisor:start_link/2`.
    ///
    /// # Errors
    /// [`StartError::Child`] names the child that did not start and says why; [`StartError::BadSpec`] if the
    /// specification contradicts itself, see [`SpecError`]; [`StartError::AlreadyStarted`] if the name is taken.
    pub async fn start_link(self) -> Result<Ref<Self>, StartError> {
        self.run(Start::link).await
    }

    /// Starts the supervisor and its children with no link: it lives until it is stopped or gives up.
    ///
    /// Differs: OTP has `start_link` only; tests and shells want this one.
    ///
    /// # Errors
    /// As [`start_link`](Self::start_link).
    pub async fn start(self) -> Result<Ref<Self>, StartError> {
        self.run(|start| start).await
    }

    async fn run(self, linked: impl FnOnce(Start<Driver>) -> Start<Driver>) -> Result<Ref<Self>, StartError> {
        let name = self.name.clone();
        let auto_shutdown = self.auto_shutdown;
        let (failure, failed) = oneshot::channel();
        let args =
            driver::Args { name: name.clone(), supervision: self.supervision()?, auto_shutdown, failure };
        let start = linked(Start::new(args));
        let start = match name {
            Some(name) => start.registered_as(name),
            None => start,
        };
        match start.start().await {
            // The driver's own words, if it came to say them.
            Err(StartError::InitFailed(reason)) => {
                Err(failed.await.unwrap_or(StartError::InitFailed(reason)))
            }
            other => other,
        }
    }

    /// Checks what the types do not rule out.
    fn supervision(self) -> Result<Supervision, SpecError> {
        if self.period.is_zero() {
            return Err(SpecError::ZeroPeriod);
        }
        for child in &self.children {
            child.check(self.auto_shutdown)?;
        }
        let window = Window::new(self.intensity, self.period);
        Ok(Supervision::new(self.strategy, self.auto_shutdown, window, Children::new(self.children)?))
    }
}
