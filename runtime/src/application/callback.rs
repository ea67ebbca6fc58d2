//! The callbacks of an application, and their form without types.

use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::StartContext;
use crate::config::{Problem, Section};
use crate::gen_server::StartError;
use crate::registry::Ref;
use crate::supervisor::Supervisor;

/// How an application starts and stops.
///
/// Source: OTP `application(3)`, the callbacks.
pub trait Application: Send + Sync + 'static {
    /// The table of the application in `config/*.toml`; `()` if it takes no configuration.
    ///
    /// It is read before any application is started. With `#[serde(deny_unknown_fields)]` a misspelt key is an error.
    type Config: DeserializeOwned + Send + Sync + 'static;

    /// Starts the supervision tree and answers its top supervisor.
    ///
    /// Source: OTP `Module:start/2`.
    ///
    /// # Errors
    /// Whatever keeps the application from running; what was started for it is stopped again.
    fn start(
        &self,
        cx: &mut StartContext<Self::Config>,
    ) -> impl Future<Output = Result<Ref<Supervisor>, StartError>> + Send;

    /// Prepares for the stop, while all processes still run.
    ///
    /// Source: OTP `Module:prep_stop/1`. Default: nothing.
    fn prep_stop(&self) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }

    /// Cleans up, after the supervision tree has ended, on request or on its own.
    ///
    /// Source: OTP `Module:stop/1`. Default: nothing.
    fn stop(&self) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }
}

/// A configuration whose type only its application knows.
pub(crate) type AnyConfig = Arc<dyn Any + Send + Sync>;

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// An [`Application`] whose configuration type is forgotten, so that applications fit into one table.
pub(super) trait Callback: Send + Sync {
    fn configure(&self, section: &Section<'_>) -> Result<AnyConfig, Vec<Problem>>;
    fn start<'a>(
        &'a self,
        name: &'static str,
        config: &AnyConfig,
    ) -> BoxFuture<'a, Result<Ref<Supervisor>, StartError>>;
    fn prep_stop(&self) -> BoxFuture<'_, ()>;
    fn stop(&self) -> BoxFuture<'_, ()>;
}

impl<A: Application> Callback for A {
    fn configure(&self, section: &Section<'_>) -> Result<AnyConfig, Vec<Problem>> {
        section.read::<A::Config>().map(|config| Arc::new(config) as AnyConfig)
    }

    fn start<'a>(
        &'a self,
        name: &'static str,
        config: &AnyConfig,
    ) -> BoxFuture<'a, Result<Ref<Supervisor>, StartError>> {
        // `configure` of the same application made it, so it is of this type.
        let config =
            Arc::clone(config).downcast().expect("the configuration that this application was given");
        Box::pin(async move { Application::start(self, &mut StartContext::new(name, config)).await })
    }

    fn prep_stop(&self) -> BoxFuture<'_, ()> {
        Box::pin(Application::prep_stop(self))
    }

    fn stop(&self) -> BoxFuture<'_, ()> {
        Box::pin(Application::stop(self))
    }
}
