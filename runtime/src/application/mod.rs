//! Applications: what starts, what it needs, and what its end means.
//!
//! An application is a crate that exports `application()`, which [`umbrella::application!()`](crate::application!)
//! writes: a [`Spec`] with the start callback and the specs of the applications it depends on, read from Cargo.toml. The
//! Cargo graph is the start order.
//!
//! ```no_run
//! use umbrella::application::{Application, StartContext};
//! use umbrella::gen_server::StartError;
//! use umbrella::registry::Ref;
//! use umbrella::supervisor::{Strategy, Supervisor};
//!
//! /// The application `b`.
//! pub struct B;
//!
//! impl Application for B {
//!     type Config = ();
//!
//!     async fn start(&self, _cx: &mut StartContext<()>) -> Result<Ref<Supervisor>, StartError> {
//!         Supervisor::new(Strategy::OneForOne).start_link().await
//!     }
//! }
//! ```
//!
//! Each running application has a process of its own, the application master, that its supervisor is linked to.
//! Every process below belongs to the application: it shares its [`GroupLeader`](crate::process::GroupLeader). After a stop
//! none of them is left; one that is, is killed and named in a warning.
//!
//! `state` and `graph` are pure and decide; `controller` carries out.

mod callback;
mod config_change;
mod controller;
mod functions;
mod graph;
mod loaded;
mod master;
mod refused;
mod spec;
mod start_context;
mod state;
mod sweep;
mod watch;

pub use callback::Application;
pub use config_change::ConfigChange;
pub use controller::{ApplicationInfo, OperationError};
pub(crate) use controller::{Controller, ReloadError, Told};
pub use functions::{
    EnvError, ensure_all_started, get_application, get_env, loaded_applications, start, stop,
    stop_with_dependents, which_applications,
};
pub use graph::DependencyCycle;
pub(crate) use loaded::Loaded;
pub use refused::Refused;
pub use spec::Spec;
pub use start_context::StartContext;
pub use state::{StartType, State};
pub(crate) use sweep::describe;

#[cfg(test)]
mod tests;
