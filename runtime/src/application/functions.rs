//! What code that runs in a node can ask of the node's applications.

use std::any::TypeId;
use std::sync::Arc;

use super::callback::Application;
use super::controller::{ApplicationInfo, Controller, OperationError};
use super::refused::Refused;

/// Starts one application of this node; all it needs has to run already.
///
/// What is started later, and what its end means, is as for an application that was started with the node.
/// A process of an application that is itself being started may ask for others.
///
/// ```no_run
/// # async fn example() -> Result<(), umbrella::application::OperationError> {
/// use umbrella::application;
///
/// application::start("b").await
/// # }
/// ```
///
/// Source: OTP `application:start/1`.
/// Differs: the start type is the one that the application names itself; OTP takes it from the caller, and `temporary` if
/// there is none. A start that fails is told to whoever asked, and takes no node down whatever the start type.
///
/// # Errors
/// What was refused, or why it did not start.
///
/// # Cancel safety
/// Dropping the future does not give up the start.
pub async fn start(name: &str) -> Result<(), OperationError> {
    let name = name.to_owned();
    Controller::current()?.carry_out(|controller| async move { controller.start_alone(&name).await }).await?
}

/// Starts one application of this node and all it needs, dependencies first; answers what was started for it, in order.
///
/// If one of them fails, those that were started for this request are stopped again, in reverse order.
///
/// Source: OTP `application:ensure_all_started/1`.
///
/// # Errors
/// What was refused, or which one did not start, and why.
///
/// # Cancel safety
/// Dropping the future does not give up the start.
pub async fn ensure_all_started(name: &str) -> Result<Vec<&'static str>, OperationError> {
    let name = name.to_owned();
    let request = |controller: Controller| async move { controller.start(&[name]).await };
    Ok(Controller::current()?.carry_out(request).await??.start)
}

/// Stops one application that runs; when this returns none of its processes is left.
///
/// Its end takes nothing down, whatever its start type.
/// It may be asked by a process of the application: that process ends with it, and the stop goes on.
///
/// Source: OTP `application:stop/1`.
/// Differs: refused while others that run need it, as `umbrella stop` refuses it; OTP leaves them running without it.
/// [`stop_with_dependents`] stops them too. A name that no application has is an error of its own; OTP says that it is not
/// started.
///
/// # Errors
/// What was refused.
///
/// # Cancel safety
/// Dropping the future does not give up the stop.
pub async fn stop(name: &str) -> Result<(), Refused> {
    stop_running(name, false).await.map(drop)
}

/// Stops one application that runs and those that need it, directly or not, dependents first; answers what was stopped, in
/// order.
///
/// # Errors
/// What was refused.
///
/// # Cancel safety
/// Dropping the future does not give up the stop.
pub async fn stop_with_dependents(name: &str) -> Result<Vec<&'static str>, Refused> {
    stop_running(name, true).await
}

async fn stop_running(name: &str, with_dependents: bool) -> Result<Vec<&'static str>, Refused> {
    let name = name.to_owned();
    let request =
        move |controller: Controller| async move { controller.stop_running(&name, with_dependents).await };
    Controller::current()?.carry_out(request).await?
}

/// The applications of this node that run, the one started last first; none outside a node.
///
/// Source: OTP `application:which_applications/0`.
pub fn which_applications() -> Vec<ApplicationInfo> {
    Controller::current().map_or_else(|_no_applications| Vec::new(), |controller| controller.running())
}

/// All applications of this node, whatever they are doing, in start order; none outside a node.
///
/// Source: OTP `application:loaded_applications/0`.
/// Differs: applications are loaded with their node, all of them, and not afterwards.
pub fn loaded_applications() -> Vec<ApplicationInfo> {
    Controller::current().map_or_else(|_no_applications| Vec::new(), |controller| controller.infos())
}

/// The name of the application that the running process belongs to.
///
/// Source: OTP `application:get_application/0`.
pub fn get_application() -> Option<&'static str> {
    Controller::current().ok()?.asking_application()
}

/// Why there is no configuration to be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EnvError {
    /// No application of this node has that callback, or the running code is in no node.
    #[error("no application of this node is a `{callback}`")]
    UnknownApplication {
        /// The type that was asked for.
        callback: &'static str,
    },
    /// The application does not start with the node, and its table is not complete.
    #[error("the configuration of application `{application}` is not complete")]
    NotConfigured {
        /// Whose it is.
        application: &'static str,
    },
}

/// The configuration of the application whose callback is `A`, as it is now: a reload changes what this answers.
///
/// The application need not run, and the running process may belong to any.
///
/// ```no_run
/// # use umbrella::application::{Application, EnvError};
/// fn size<B: Application<Config = (u32,)>>() -> Result<u32, EnvError> {
///     Ok(umbrella::application::get_env::<B>()?.0)
/// }
/// ```
///
/// Source: OTP `application:get_env/2`.
/// Differs: it is read as a whole, with the type that the application gave it.
///
/// # Errors
/// There is no such application, or its configuration was never complete.
pub fn get_env<A: Application>() -> Result<Arc<A::Config>, EnvError> {
    let unknown = || EnvError::UnknownApplication { callback: std::any::type_name::<A>() };
    let controller = Controller::current().map_err(|_no_applications| unknown())?;
    let (application, config) = controller.config_of(TypeId::of::<A>()).ok_or_else(unknown)?;
    let config = config.ok_or(EnvError::NotConfigured { application })?;
    config.downcast().map_err(|_other_type| unknown())
}
