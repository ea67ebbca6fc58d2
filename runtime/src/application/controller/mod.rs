//! Starts, stops and watches the applications of a node, as [`state`](super::state) says.
//!
//! Requests are carried out one at a time, in the task of whoever asks, so that the status can be told meanwhile and a boot
//! that hangs can be given up. The ends of applications are seen by a process of their own, the [watch](super::watch).
//!
//! Source: OTP `application_controller`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::SystemTime;

use tokio::sync::watch;
use tokio::time::Instant;

use super::loaded::{Configured, Loaded};
use super::master::Master;
use super::refused::Refused;
use super::state::{Applications, Ended, RestartPlan, StartPlan, StartType, State, StopPlan};
use super::watch::{OnEnd, Watch};
use crate::gen_server::{Start, StartError};
use crate::process::{Crash, ExitReason, GroupLeader, Incident, IncidentKind, Node, Pid};
use crate::registry::Ref;

mod ask;
mod info;
mod reload;
mod start;
mod stop;
mod turn;

pub use info::ApplicationInfo;
pub(crate) use reload::{ReloadError, Told};
use turn::{Asker, Turn};

/// The applications of one node, and who asks for them; cloning gives another handle.
#[derive(Clone)]
pub(crate) struct Controller(Arc<Inner>, Asker);

struct Inner {
    node: Node,
    loaded: Loaded,
    /// What the applications are started with from now on.
    configured: Mutex<Configured>,
    applications: Mutex<Applications>,
    running: Mutex<BTreeMap<&'static str, Running>>,
    /// Held by the request that is being carried out.
    turn: Turn,
    /// Whether the node goes down: gives up a start that does not come to an end.
    stopping: watch::Sender<bool>,
    /// The application whose end takes the node down.
    ended: watch::Sender<Option<EndedApplication>>,
    watch: Mutex<Option<Ref<Watch>>>,
}

/// An application that has processes.
#[derive(Clone)]
struct Running {
    leader: Arc<GroupLeader>,
    since: Instant,
    /// Nothing while it starts, and for a library.
    master: Option<Ref<Master>>,
    /// Why it ended on its own, as its master saw it.
    ended: Arc<OnceLock<ExitReason>>,
    /// Held by the request from within it that is being carried out while it starts.
    turn: Turn,
}

/// A permanent or transient application that ended on its own.
#[derive(Clone, Debug)]
pub(crate) struct EndedApplication {
    pub(crate) application: &'static str,
    /// Why its supervision tree ended.
    pub(crate) reason: ExitReason,
    /// The crash behind it, if there was one.
    pub(crate) crash: Option<Crash>,
}

/// Why a request to start applications failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OperationError {
    /// Nothing was done.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// An application could not be started; what had been started for the request was stopped again.
    #[error("application `{application}` failed to start: {reason}")]
    StartFailed {
        /// Which one.
        application: &'static str,
        /// Why.
        reason: StartError,
    },
}

impl Controller {
    /// A controller for applications none of which runs yet.
    pub(crate) async fn new(node: Node, mut loaded: Loaded) -> Result<Self, StartError> {
        for (application, release) in loaded.elsewhere() {
            node.set_elsewhere(application, release);
        }
        let inner = Inner {
            applications: Mutex::new(loaded.applications()),
            configured: Mutex::new(std::mem::take(&mut loaded.configured)),
            loaded,
            node,
            running: Mutex::default(),
            turn: Turn::default(),
            stopping: watch::Sender::new(false),
            ended: watch::Sender::new(None),
            watch: Mutex::new(None),
        };
        let controller = Self(Arc::new(inner), Asker::default());
        // Weakly, so that a node that is dropped is gone.
        let inner = Arc::downgrade(&controller.0);
        let on_end: OnEnd = Box::new(move |application, master, reason| {
            if let Some(inner) = inner.upgrade() {
                inner.note_end(application, master, reason);
            }
        });
        let start = Start::<Watch>::new(on_end).registered_as("application_watch");
        let watch = controller.0.node.scope(async { start.start().await }).await?;
        *lock(&controller.0.watch) = Some(watch);
        controller.be_found();
        Ok(controller)
    }

    /// The node whose applications these are.
    pub(crate) fn node(&self) -> &Node {
        &self.0.node
    }

    /// The applications that can be started in this node: those that are not elsewhere.
    pub(crate) fn startable(&self) -> Vec<&'static str> {
        let known = lock(&self.0.applications).known();
        known.into_iter().filter(|name| !self.0.loaded.elsewhere().contains_key(name)).collect()
    }

    /// The processes of an application that were still there after it was stopped, as people would name them.
    pub(crate) fn outlived(&self, application: &str) -> Vec<String> {
        let running = lock(&self.0.running).get(application).cloned();
        let left = running.map(|running| running.leader.outlived()).unwrap_or_default();
        left.into_iter().map(String::from).collect()
    }

    /// Waits for the end of an application that takes the node down.
    pub(crate) async fn ended(&self) -> EndedApplication {
        let mut ended = self.0.ended.subscribe();
        match ended.wait_for(Option::is_some).await {
            Ok(ended) => ended.clone().expect("waited for until there was one"),
            // The sender is part of `self`.
            Err(_closed) => std::future::pending().await,
        }
    }

    /// Starts applications and what they need, dependencies first.
    ///
    /// If one fails, those that were started for this request are stopped again, in reverse order.
    ///
    /// Source: OTP `application:ensure_all_started/1`.
    pub(crate) async fn start<S: AsRef<str>>(&self, names: &[S]) -> Result<StartPlan, OperationError> {
        let _turn = self.turn().await?;
        let plan = lock(&self.0.applications).plan_start(names)?;
        self.start_all(&plan.start, |_| true).await?;
        Ok(plan)
    }

    /// Starts applications as a node boots: as [`start`](Self::start), but a temporary one that fails is only reported.
    ///
    /// Source: OTP `application:start_boot/2`.
    pub(crate) async fn boot<S: AsRef<str>>(&self, names: &[S]) -> Result<StartPlan, OperationError> {
        let _turn = self.turn().await?;
        let mut plan = lock(&self.0.applications).plan_start(names)?;
        for name in std::mem::take(&mut plan.start) {
            // One that was started before it may have asked for it.
            if self.runs(name) {
                continue;
            }
            match self.start_one(name).await {
                Ok(()) => plan.start.push(name),
                Err(reason) if self.is_temporary(name) => {
                    tracing::error!(
                        target: "umbrella::application",
                        application = name,
                        "failed to start, and is temporary: {reason}",
                    );
                }
                Err(reason) => return Err(OperationError::StartFailed { application: name, reason }),
            }
        }
        Ok(plan)
    }

    /// Starts one application, if all it needs runs.
    ///
    /// Source: OTP `application:start/1`.
    pub(crate) async fn start_alone(&self, name: &str) -> Result<(), OperationError> {
        let _turn = self.turn().await?;
        let application = lock(&self.0.applications).plan_start_alone(name)?;
        self.start_all(&[application], |_| true).await
    }

    /// Stops one application that runs, with its dependents if they are to be stopped too. Answers what was stopped.
    ///
    /// Source: OTP `application:stop/1`.
    pub(crate) async fn stop_running(
        &self,
        name: &str,
        with_dependents: bool,
    ) -> Result<Vec<&'static str>, Refused> {
        let _turn = self.turn().await?;
        let stop = lock(&self.0.applications).plan_stop_running(name, with_dependents)?;
        for name in &stop {
            self.stop_one(name).await;
        }
        Ok(stop)
    }

    /// Stops applications, dependents first if they are to be stopped too.
    pub(crate) async fn stop<S: AsRef<str>>(
        &self,
        names: &[S],
        with_dependents: bool,
    ) -> Result<StopPlan, OperationError> {
        let _turn = self.turn().await?;
        let plan = lock(&self.0.applications).plan_stop(names, with_dependents)?;
        for name in &plan.stop {
            self.stop_one(name).await;
        }
        Ok(plan)
    }

    /// Stops applications and brings them back, with the dependents that were stopped for it.
    pub(crate) async fn restart<S: AsRef<str>>(
        &self,
        names: &[S],
        with_dependents: bool,
    ) -> Result<RestartPlan, OperationError> {
        let _turn = self.turn().await?;
        let plan = lock(&self.0.applications).plan_restart(names, with_dependents)?;
        for name in &plan.stop {
            self.stop_one(name).await;
        }
        // What ran before is not stopped again because another one fails.
        self.start_all(&plan.start, |name| !plan.stop.contains(&name)).await?;
        Ok(plan)
    }

    /// Stops everything in reverse order; nothing starts afterwards. Answers what was stopped.
    pub(crate) async fn shut_down(&self) -> Vec<&'static str> {
        // First of all, so that a request that waits for its turn is refused.
        let _nothing_yet = lock(&self.0.applications).shut_down();
        self.0.stopping.send_replace(true);
        let _turn = self.0.turn.lock().await;
        self.nobody_starts_others().await;
        let stop = lock(&self.0.applications).shut_down();
        for name in &stop {
            self.stop_one(name).await;
        }
        stop
    }

    /// Ends the process that watches; the last thing of a node.
    pub(crate) async fn close(&self) {
        let watch = lock(&self.0.watch).take();
        if let Some(watch) = watch {
            self.0.node.exit(Ref::pid(&watch), ExitReason::Shutdown);
            self.0.node.wait_exit(Ref::pid(&watch)).await;
        }
    }

    fn set(&self, name: &str, state: State) {
        lock(&self.0.applications).set(name, state);
    }

    fn runs(&self, name: &str) -> bool {
        lock(&self.0.applications).state(name) == Some(State::Running)
    }

    fn is_temporary(&self, name: &str) -> bool {
        lock(&self.0.applications).start_type(name) == StartType::Temporary
    }
}

impl Inner {
    /// An application has ended; see [`Applications::ended`].
    ///
    /// `master` is the one that ended: the news may come after the application was stopped and started again.
    fn note_end(&self, application: &'static str, master: Pid, reason: ExitReason) {
        let Some(running) = lock(&self.running).get(application).cloned() else { return };
        if running.master.is_none_or(|current| Ref::pid(&current) != master) {
            return;
        }
        let reason = running.ended.get().cloned().unwrap_or(reason);
        let outcome = lock(&self.applications).ended(application, reason == ExitReason::Normal);
        if outcome == Ended::Expected {
            return;
        }
        let crash = running.leader.last_crash();
        let ended = EndedApplication { application, reason, crash };
        let sequel =
            if outcome == Ended::NodeDown { "; it is not temporary, so the node goes down" } else { "" };
        running.leader.note(Incident {
            at: SystemTime::now(),
            kind: IncidentKind::ApplicationEnded,
            process: application.into(),
            pid: Some(master),
            about: None,
            text: format!("{ended}{sequel}").into(),
        });
        tracing::error!(target: "umbrella::application", application, "{ended}");
        if outcome == Ended::NodeDown {
            // The first one counts.
            self.ended.send_if_modified(|first| {
                let is_first = first.is_none();
                first.get_or_insert(ended);
                is_first
            });
        }
    }
}

impl std::fmt::Display for EndedApplication {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "application `{}` ended: {}", self.application, self.reason)?;
        match &self.crash {
            Some(crash) if !self.reason.is_abnormal() => {
                write!(f, "; its last crash: {} {} {}", crash.process, crash.pid, crash.reason)
            }
            _ => Ok(()),
        }
    }
}

impl std::fmt::Debug for Controller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Controller").field("node", &self.0.node).finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing panics while it holds one of these; if it did, the table would still be whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
