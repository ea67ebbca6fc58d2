//! What a supervisor knows about a child: how to start it, when to restart it, how to stop it.

use std::any::Any;
use std::fmt;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use thiserror::Error;

use super::AutoShutdown;
use crate::gen_server::StartError;
use crate::process::{ExitReason, Pid, describe_panic as describe};

/// How long a worker may take to shut down unless its specification says otherwise.
///
/// Source: OTP `supervisor(3)`: 5000 ms for workers, `infinity` for supervisors.
pub const WORKER_SHUTDOWN: Duration = Duration::from_secs(5);

/// When a child that ended is started again.
///
/// Source: OTP `supervisor:restart()`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Restart {
    /// Always.
    #[default]
    Permanent,
    /// Only if it ended abnormally: for a reason other than `Normal`, `Shutdown`, or `ShutdownWith`.
    Transient,
    /// Never, not even when a sibling's end restarts the others; its specification is forgotten when it ends.
    Temporary,
}

/// How a child is stopped.
///
/// Source: OTP `supervisor:shutdown()`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shutdown {
    /// Killed at once, without a chance to clean up.
    BrutalKill,
    /// Asked to stop with [`ExitReason::Shutdown`](crate::process::ExitReason::Shutdown), then killed when this time is up.
    After(Duration),
    /// Asked to stop, and waited for as long as it takes. Right for supervisors, which have children to stop.
    Infinity,
}

/// Whether a child is a supervisor itself.
///
/// Source: OTP `supervisor:worker()`, the `type` of a child specification.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChildKind {
    /// Anything that is not a supervisor.
    Worker,
    /// A supervisor.
    Supervisor,
}

/// What starting a child comes to.
type Starting = Pin<Box<dyn Future<Output = Result<Pid, StartError>> + Send>>;

/// A child specification: everything a supervisor needs to start, restart, and stop one child.
///
/// Servers make theirs with `S::child_spec(args)`, supervisors with
/// [`Supervisor::child_spec`](super::Supervisor::child_spec); this type is for children that are neither.
///
/// Source: OTP `supervisor:child_spec()`.
/// Differs: `modules` is missing, since code is not loaded module by module. A start function answers a pid and nothing else:
/// there is no `{ok, Pid, Info}`.
#[derive(Clone)]
#[must_use = "a child specification starts nothing until a supervisor has it"]
pub struct ChildSpec {
    pub(super) id: Arc<str>,
    pub(super) restart: Restart,
    pub(super) shutdown: Shutdown,
    pub(super) kind: ChildKind,
    pub(super) significant: bool,
    /// Nothing once a temporary child has been started: it is never started again, and its arguments may be big.
    start: Option<Arc<dyn Fn() -> Starting + Send + Sync>>,
}

impl ChildSpec {
    /// A worker, permanent, given 5 s to shut down.
    ///
    /// `start` runs inside the supervisor, once for each start: it must start a process *linked* to the current one and
    /// answer its pid.
    /// [`StartError::Ignore`] means that there is nothing to run: the specification stays, without a process.
    pub fn worker<F, S>(id: impl Into<Arc<str>>, start: S) -> Self
    where
        S: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = Result<Pid, StartError>> + Send + 'static,
    {
        Self {
            id: id.into(),
            start: Some(Arc::new(move || Box::pin(start()))),
            restart: Restart::default(),
            shutdown: Shutdown::After(WORKER_SHUTDOWN),
            kind: ChildKind::Worker,
            significant: false,
        }
    }

    /// A supervisor, permanent, given all the time it needs to shut down.
    ///
    /// `start` is as for [`ChildSpec::worker`].
    pub fn supervisor<F, S>(id: impl Into<Arc<str>>, start: S) -> Self
    where
        S: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = Result<Pid, StartError>> + Send + 'static,
    {
        Self { shutdown: Shutdown::Infinity, kind: ChildKind::Supervisor, ..Self::worker(id, start) }
    }

    /// Calls the child something else: unique among the children of its supervisor.
    pub fn id(mut self, id: impl Into<Arc<str>>) -> Self {
        self.id = id.into();
        self
    }

    /// Sets when the child is started again; [`Restart::Permanent`] by default.
    pub fn restart(mut self, restart: Restart) -> Self {
        self.restart = restart;
        self
    }

    /// Sets how the child is stopped; after 5 s by default, [`Shutdown::Infinity`] for supervisors.
    pub fn shutdown(mut self, shutdown: Shutdown) -> Self {
        self.shutdown = shutdown;
        self
    }

    /// Makes the child significant: its end may end the supervisor, see [`AutoShutdown`].
    ///
    /// Only children that are not permanent can be significant, and only under a supervisor with an [`AutoShutdown`];
    /// anything else is refused when the supervisor gets the specification.
    pub fn significant(mut self) -> Self {
        self.significant = true;
        self
    }

    /// What the child is called among its siblings.
    pub fn child_id(&self) -> &str {
        &self.id
    }

    /// When the child is started again.
    pub fn restart_type(&self) -> Restart {
        self.restart
    }

    /// How the child is stopped.
    pub fn shutdown_time(&self) -> Shutdown {
        self.shutdown
    }

    /// Whether the child is a supervisor.
    pub fn kind(&self) -> ChildKind {
        self.kind
    }

    /// Whether the end of the child may end its supervisor.
    pub fn is_significant(&self) -> bool {
        self.significant
    }

    /// Starts the child, in the running process.
    ///
    /// A start function that panics has failed; the supervisor lives on.
    ///
    /// Source: OTP `supervisor:do_start_child_i/3`, which catches too.
    pub(super) async fn start(&self) -> Result<Pid, StartError> {
        let Some(start) = &self.start else {
            return Err(StartError::failed("a temporary child is started once"));
        };
        let mut starting = catch_unwind(AssertUnwindSafe(|| start())).map_err(panicked)?;
        poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| starting.as_mut().poll(cx))) {
            Ok(polled) => polled,
            Err(payload) => Poll::Ready(Err(panicked(payload))),
        })
        .await
    }

    /// The child has been started: what a temporary one was started with is not needed any more.
    ///
    /// Source: OTP `supervisor:save_child/2`.
    pub(super) fn started(mut self) -> Self {
        if self.restart == Restart::Temporary {
            self.start = None;
        }
        self
    }

    /// Checks what the types do not rule out.
    ///
    /// Source: OTP `supervisor:check_childspecs/2`.
    pub(super) fn check(&self, auto_shutdown: AutoShutdown) -> Result<(), SpecError> {
        if !self.significant {
            Ok(())
        } else if auto_shutdown == AutoShutdown::Never {
            Err(SpecError::SignificantUnderNever { id: self.id.clone() })
        } else if self.restart == Restart::Permanent {
            Err(SpecError::SignificantPermanent { id: self.id.clone() })
        } else {
            Ok(())
        }
    }
}

/// The start function itself panicked.
fn panicked(payload: Box<dyn Any + Send>) -> StartError {
    StartError::InitFailed(ExitReason::Panicked(Arc::new(describe(&*payload))))
}

impl fmt::Debug for ChildSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChildSpec")
            .field("id", &self.id)
            .field("restart", &self.restart)
            .field("shutdown", &self.shutdown)
            .field("kind", &self.kind)
            .field("significant", &self.significant)
            .finish_non_exhaustive()
    }
}

/// Why a supervisor refuses its children or its own settings.
///
/// Source: OTP `supervisor:check_childspecs/2` and `check_flags/1`.
/// Differs: it is found before a process is started, so a starter gets no exit signal beside the error.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum SpecError {
    /// Two children have the same id.
    #[error("two children are called `{id}`")]
    DuplicateId {
        /// The id.
        id: Arc<str>,
    },
    /// A permanent child is marked significant: it never ends for good, so its end can mean nothing.
    #[error("child `{id}` is permanent and significant")]
    SignificantPermanent {
        /// The child.
        id: Arc<str>,
    },
    /// A significant child under a supervisor that never shuts itself down.
    #[error("child `{id}` is significant, but its supervisor has no automatic shutdown")]
    SignificantUnderNever {
        /// The child.
        id: Arc<str>,
    },
    /// The restart period is zero.
    #[error("the restart period is zero")]
    ZeroPeriod,
}

impl From<SpecError> for StartError {
    fn from(error: SpecError) -> Self {
        Self::BadSpec(error.to_string().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn child() -> ChildSpec {
        ChildSpec::worker("c", || async { Err(StartError::Ignore) })
    }

    #[test]
    fn a_worker_is_permanent_and_has_five_seconds_to_shut_down() {
        let spec = child();
        assert_eq!(spec.restart, Restart::Permanent);
        assert_eq!(spec.shutdown, Shutdown::After(Duration::from_secs(5)));
        assert_eq!(spec.kind, ChildKind::Worker);
        assert!(!spec.significant);
    }

    #[test]
    fn a_supervisor_has_all_the_time_it_needs() {
        let spec = ChildSpec::supervisor("s", || async { Err(StartError::Ignore) });
        assert_eq!((spec.kind, spec.shutdown), (ChildKind::Supervisor, Shutdown::Infinity));
    }

    #[test]
    fn significant_needs_an_automatic_shutdown_and_a_child_that_is_not_permanent() {
        use AutoShutdown::{AllSignificant, AnySignificant, Never};
        use Restart::{Permanent, Temporary, Transient};
        for auto_shutdown in [Never, AnySignificant, AllSignificant] {
            for restart in [Permanent, Transient, Temporary] {
                let spec = child().restart(restart);
                assert_eq!(spec.check(auto_shutdown), Ok(()));
                let refused = spec.significant().check(auto_shutdown);
                match (auto_shutdown, restart) {
                    (Never, _) => assert!(matches!(refused, Err(SpecError::SignificantUnderNever { .. }))),
                    (_, Permanent) => assert!(matches!(refused, Err(SpecError::SignificantPermanent { .. }))),
                    _ => assert_eq!(refused, Ok(())),
                }
            }
        }
    }
}
