//! The callbacks of an application, and their form without types.

use std::any::{Any, TypeId};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;

use super::StartContext;
use super::config_change::{AnyChange, ConfigChange};
use crate::config::{Problem, Section};
use crate::gen_server::StartError;
use crate::process::ExitReason;
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

    /// What [`start_phase`](Self::start_phase) is called with, in this order, once the tree has started.
    ///
    /// Source: OTP `app(4)`, `start_phases`. Default: none.
    /// Differs: the callback names its phases itself, and they carry no arguments, since a phase can read its
    /// configuration. There are no included applications: a library that hands out child specifications does their work,
    /// and the Cargo graph orders the start.
    const START_PHASES: &'static [&'static str] = &[];

    /// How long the stop may take, from [`prep_stop`](Self::prep_stop) to the end of [`stop`](Self::stop).
    ///
    /// The children have times of their own; this is the last word over all of them.
    /// When the time is up, whatever is left of the application is killed and named in a warning.
    ///
    /// Source: OTP `kernel(6)`, `shutdown_timeout`. Default: as long as it takes.
    /// Differs: OTP has one time for all applications, and only for the stop of the whole node.
    const SHUTDOWN_TIMEOUT: Option<Duration> = None;

    /// Starts the supervision tree and answers its top supervisor.
    ///
    /// Source: OTP `Module:start/2`.
    /// Differs: when it fails after its tree has started, the tree is shut down before the failure is told; OTP ends it with
    /// `normal`, while whoever asked goes on.
    ///
    /// # Errors
    /// Whatever keeps the application from running; what was started for it is stopped again.
    fn start(
        &self,
        cx: &mut StartContext<Self::Config>,
    ) -> impl Future<Output = Result<Ref<Supervisor>, StartError>> + Send;

    /// Goes through one phase of the start; the tree runs, and the applications that need this one wait.
    ///
    /// Source: OTP `Module:start_phase/3`. Default: nothing.
    /// Differs: there is no start type, since applications do not move between nodes. When a phase fails the tree is shut
    /// down in order; OTP leaves it behind, running.
    ///
    /// # Errors
    /// Whatever keeps the application from running; its tree is stopped again.
    fn start_phase(
        &self,
        _phase: &'static str,
        _cx: &mut StartContext<Self::Config>,
    ) -> impl Future<Output = Result<(), StartError>> + Send {
        std::future::ready(Ok(()))
    }

    /// Takes note of a configuration that has changed while the application runs.
    ///
    /// Called after the configuration of the whole node was read again and found right; the processes have what they were
    /// given, so what is to reach them is to be sent to them here. A start or restart of the application has the new one.
    ///
    /// Source: OTP `Module:config_change/3`. Default: nothing.
    /// Differs: the new configuration has a type; keys are listed without their values.
    ///
    /// # Errors
    /// Whatever keeps the change from being taken up. It is told to whoever asked; the new configuration stands.
    fn config_change(
        &self,
        _change: &ConfigChange<Self::Config>,
    ) -> impl Future<Output = Result<(), ExitReason>> + Send {
        std::future::ready(Ok(()))
    }

    /// Prepares for the stop, while all processes still run; also called when the tree has ended on its own.
    ///
    /// Source: OTP `Module:prep_stop/1`. Default: nothing.
    /// Differs: there is no state to be handed on to [`stop`](Self::stop): what the callbacks share is in `self`.
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
    /// Which type of callback it was made of.
    fn is_of(&self) -> TypeId;
    fn configure(&self, section: &Section<'_>) -> Result<AnyConfig, Vec<Problem>>;
    fn start<'a>(
        &'a self,
        name: &'static str,
        config: &AnyConfig,
    ) -> BoxFuture<'a, Result<Ref<Supervisor>, StartError>>;
    fn start_phases(&self) -> &'static [&'static str];
    fn start_phase<'a>(
        &'a self,
        phase: &'static str,
        name: &'static str,
        config: &AnyConfig,
    ) -> BoxFuture<'a, Result<(), StartError>>;
    fn config_change<'a>(
        &'a self,
        name: &'static str,
        change: AnyChange,
    ) -> BoxFuture<'a, Result<(), ExitReason>>;
    fn shutdown_timeout(&self) -> Option<Duration>;
    fn prep_stop(&self) -> BoxFuture<'_, ()>;
    fn stop(&self) -> BoxFuture<'_, ()>;
}

impl<A: Application> Callback for A {
    fn is_of(&self) -> TypeId {
        TypeId::of::<A>()
    }

    fn configure(&self, section: &Section<'_>) -> Result<AnyConfig, Vec<Problem>> {
        section.read::<A::Config>().map(|config| Arc::new(config) as AnyConfig)
    }

    fn start<'a>(
        &'a self,
        name: &'static str,
        config: &AnyConfig,
    ) -> BoxFuture<'a, Result<Ref<Supervisor>, StartError>> {
        let config = typed::<A>(config);
        Box::pin(async move { Application::start(self, &mut StartContext::new(name, config)).await })
    }

    fn start_phases(&self) -> &'static [&'static str] {
        A::START_PHASES
    }

    fn start_phase<'a>(
        &'a self,
        phase: &'static str,
        name: &'static str,
        config: &AnyConfig,
    ) -> BoxFuture<'a, Result<(), StartError>> {
        let config = typed::<A>(config);
        Box::pin(
            async move { Application::start_phase(self, phase, &mut StartContext::new(name, config)).await },
        )
    }

    fn config_change<'a>(
        &'a self,
        name: &'static str,
        change: AnyChange,
    ) -> BoxFuture<'a, Result<(), ExitReason>> {
        Box::pin(async move { Application::config_change(self, &change.typed(name)).await })
    }

    fn shutdown_timeout(&self) -> Option<Duration> {
        A::SHUTDOWN_TIMEOUT
    }

    fn prep_stop(&self) -> BoxFuture<'_, ()> {
        Box::pin(Application::prep_stop(self))
    }

    fn stop(&self) -> BoxFuture<'_, ()> {
        Box::pin(Application::stop(self))
    }
}

/// `configure` of the same application made it, so it is of this type.
fn typed<A: Application>(config: &AnyConfig) -> Arc<A::Config> {
    Arc::clone(config).downcast().expect("the configuration that this application was given")
}
