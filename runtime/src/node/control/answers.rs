//! What a node answers to each request.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::look::{self, Tracing};
use super::protocol::{
    self, ApplicationStatus, ChangedConfig, Kind, LastCrash, NodeState, Ready, Refusal, Reloaded, Request,
    Restarted, Started, Status, Stopped,
};
use crate::application::{ApplicationInfo, Controller, OperationError, Refused, ReloadError, Told};
use crate::node::clock::{millis, unix_ms};
use crate::node::config_files::ConfigFiles;
use crate::node::placement::{NotScaled, Placement};

/// What does not change in the life of a node.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(crate) release: String,
    /// The full name of the node.
    pub(crate) node: String,
    pub(crate) instance: Option<u32>,
    pub(crate) instances: BTreeMap<String, u32>,
    pub(crate) release_version: String,
    pub(crate) deployment: Option<String>,
    pub(crate) env: String,
    pub(crate) started: Instant,
    pub(crate) started_at: SystemTime,
}

impl Facts {
    /// What the node is called on its host: the release, or an instance of it.
    pub(crate) fn name(&self) -> &str {
        self.node.split_once('@').map_or(&self.release, |(name, _host)| name)
    }
}

/// A request that the node go down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ShutdownRequest {
    /// Whether a new node takes its place.
    pub(crate) restart: bool,
}

/// What a request is answered with.
pub(super) enum Reply {
    Line(String),
    /// Several lines, as they come.
    Tracing(Box<Tracing>),
}

/// What the answers are made of.
pub(crate) struct Answers {
    pub(crate) facts: Facts,
    pub(crate) config_files: ConfigFiles,
    pub(crate) controller: Controller,
    /// Where applications run; nothing if that never changes.
    pub(crate) placement: Option<Arc<Placement>>,
    pub(crate) state: watch::Sender<NodeState>,
    /// How the boot went; nothing while it goes on.
    pub(crate) booted: watch::Sender<Option<Result<Ready, Refusal>>>,
    pub(crate) shutdown: watch::Sender<Option<ShutdownRequest>>,
}

impl Answers {
    /// A node that boots.
    pub(crate) fn new(
        facts: Facts,
        config_files: ConfigFiles,
        controller: Controller,
        placement: Option<Arc<Placement>>,
    ) -> Self {
        let state = watch::Sender::new(NodeState::Starting);
        Self {
            facts,
            config_files,
            controller,
            placement,
            state,
            booted: watch::Sender::new(None),
            shutdown: watch::Sender::new(None),
        }
    }

    /// What answers a line.
    pub(super) async fn answer(&self, line: &[u8]) -> Reply {
        match protocol::parse_request(line) {
            Ok(Request::Trace { process, messages, timeout_ms }) => {
                match Tracing::begin(self.controller.node(), &process, messages, timeout_ms).await {
                    Ok(tracing) => Reply::Tracing(Box::new(tracing)),
                    Err(refusal) => Reply::Line(reply::<()>(Err(refusal))),
                }
            }
            request => Reply::Line(self.line(request).await),
        }
    }

    /// The line that answers a request.
    async fn line(&self, request: Result<Request, Refusal>) -> String {
        match request {
            Err(refusal) => reply::<()>(Err(refusal)),
            Ok(Request::Look(look)) => reply(look::answer(&self.controller, look).await),
            Ok(Request::Trace { .. }) => reply::<()>(Err(Refusal::new("bad_request", "a trace is no line"))),
            Ok(Request::Status) => reply(Ok(self.status())),
            Ok(Request::Ready) => reply(self.ready().await),
            Ok(Request::Start { applications }) => reply(self.start(&applications).await),
            Ok(Request::Stop { applications, with_dependents }) => {
                reply(self.stop(&applications, with_dependents).await)
            }
            Ok(Request::Restart { applications, with_dependents }) => {
                reply(self.restart(&applications, with_dependents).await)
            }
            Ok(Request::Reload) => reply(self.reload().await),
            Ok(Request::Scale { release, instances }) => reply(self.scale(&release, instances)),
            Ok(Request::Shutdown { restart }) => {
                self.shutdown.send_replace(Some(ShutdownRequest { restart }));
                reply(Ok(json!({ "state": NodeState::Stopping })))
            }
        }
    }

    fn status(&self) -> Status {
        let facts = &self.facts;
        let connected = self.controller.node().nodes();
        let mut connected: Vec<String> = connected.iter().map(|name| (**name).to_owned()).collect();
        connected.sort_unstable();
        Status {
            release: facts.release.clone(),
            node: facts.node.clone(),
            instance: facts.instance,
            instances: match &self.placement {
                Some(placement) => placement.instances(),
                None => facts.instances.clone(),
            },
            connected,
            release_version: facts.release_version.clone(),
            deployment: facts.deployment.clone(),
            env: facts.env.clone(),
            pid: std::process::id(),
            state: *self.state.borrow(),
            started_unix_ms: unix_ms(facts.started_at),
            uptime_ms: millis(facts.started.elapsed()),
            applications: self.controller.infos().into_iter().map(application_status).collect(),
        }
    }

    async fn ready(&self) -> Result<Ready, Refusal> {
        let mut booted = self.booted.subscribe();
        match booted.wait_for(Option::is_some).await {
            Ok(outcome) => outcome.clone().expect("waited for until there was one"),
            // The sender is part of `self`.
            Err(_closed) => Err(Refusal::new("boot_failed", "the node is gone")),
        }
    }

    async fn start(&self, applications: &[String]) -> Result<Started, Refusal> {
        let begin = Instant::now();
        let plan = self.controller.start(applications).await.map_err(refusal)?;
        let (started, already) = (owned(&plan.start), owned(&plan.already));
        Ok(Started { started, already, duration_ms: millis(begin.elapsed()) })
    }

    async fn stop(&self, applications: &[String], with_dependents: bool) -> Result<Stopped, Refusal> {
        let begin = Instant::now();
        let plan = self.controller.stop(applications, with_dependents).await.map_err(refusal)?;
        let (stopped, already) = (owned(&plan.stop), owned(&plan.already));
        Ok(Stopped { stopped, already, duration_ms: millis(begin.elapsed()) })
    }

    async fn restart(&self, applications: &[String], with_dependents: bool) -> Result<Restarted, Refusal> {
        let begin = Instant::now();
        let plan = self.controller.restart(applications, with_dependents).await.map_err(refusal)?;
        let (stopped, started) = (owned(&plan.stop), owned(&plan.start));
        Ok(Restarted { stopped, started, duration_ms: millis(begin.elapsed()) })
    }

    fn scale(&self, release: &str, instances: u32) -> Result<Value, Refusal> {
        let Some(placement) = &self.placement else {
            return Err(Refusal::new("refused", "this node knows no others"));
        };
        match placement.scale(self.controller.node(), release, instances) {
            Ok(()) => Ok(json!({ "instances": placement.instances() })),
            Err(error) => {
                let refusal = Refusal::new("not_scaled", error.to_string()).with("release", release);
                Err(match error {
                    NotScaled::UnknownRelease { known, .. } => refusal.with("known", known),
                    NotScaled::Fixed { .. } | NotScaled::Io(_) => refusal,
                })
            }
        }
    }

    async fn reload(&self) -> Result<Reloaded, Refusal> {
        let begin = Instant::now();
        let bad_config = |error: &dyn std::fmt::Display| Refusal::new("bad_config", error.to_string());
        let config = self.config_files.load().map_err(|error| bad_config(&error))?;
        let told = self.controller.reload(config).await.map_err(|error| match error {
            ReloadError::Refused(refused) => refusal(refused.into()),
            ReloadError::Config(error) => bad_config(&error),
        })?;
        let applications = told.into_iter().map(changed_config).collect();
        Ok(Reloaded { applications, duration_ms: millis(begin.elapsed()) })
    }
}

fn reply<T: Serialize>(reply: Result<T, Refusal>) -> String {
    protocol::reply_line(reply)
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn refusal(error: OperationError) -> Refusal {
    let message = error.to_string();
    match error {
        OperationError::StartFailed { application, reason } => Refusal::new("start_failed", message)
            .with("application", application)
            .with("reason", reason.to_string()),
        OperationError::Refused(Refused::UnknownApplication { application, known }) => {
            Refusal::new("unknown_application", message).with("application", application).with("known", known)
        }
        OperationError::Refused(Refused::Elsewhere { application, release }) => {
            Refusal::new("elsewhere", message).with("application", application).with("release", release)
        }
        OperationError::Refused(Refused::HasDependents { application, dependents }) => {
            Refusal::new("has_dependents", message)
                .with("application", application)
                .with("dependents", dependents)
        }
        OperationError::Refused(Refused::NodeStopping) => Refusal::new("stopping", message),
        // These are for code that runs in the node, not for whoever speaks to it from outside.
        OperationError::Refused(
            Refused::AlreadyStarted { .. }
            | Refused::NotStarted { .. }
            | Refused::DependenciesNotStarted { .. }
            | Refused::CallingSelf { .. }
            | Refused::NoApplications,
        ) => Refusal::new("refused", message),
    }
}

fn application_status(application: ApplicationInfo) -> ApplicationStatus {
    let last_crash = application.last_crash.map(|crash| LastCrash {
        reason: crash.reason.to_string(),
        process: format!("{} {}", crash.process, crash.pid),
        at_unix_ms: unix_ms(crash.at),
    });
    ApplicationStatus {
        name: application.name.into(),
        version: application.version.into(),
        kind: if application.is_supervised { Kind::Supervised } else { Kind::Library },
        state: application.state,
        release: application.release.map(str::to_owned),
        start_type: application.start_type,
        depends_on: owned(&application.depends_on),
        uptime_ms: application.uptime.map(millis),
        restarts: application.restarts,
        processes: u64::try_from(application.processes).unwrap_or(u64::MAX),
        last_crash,
    }
}

fn changed_config(told: Told) -> ChangedConfig {
    let Told { application, difference, outcome } = told;
    ChangedConfig {
        name: application.into(),
        changed: difference.changed,
        added: difference.added,
        removed: difference.removed,
        error: outcome.err().map(|reason| reason.to_string()),
    }
}
