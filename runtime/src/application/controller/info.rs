//! What can be told of the applications of a node.

use std::time::Duration;

use super::super::spec::Kind;
use super::super::state::{Applications, StartType, State};
use super::{Controller, Running, lock};
use crate::process::{Crash, Incident};

/// What is known of one application.
///
/// Source: OTP `application:which_applications/0` and `application:info/0`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ApplicationInfo {
    /// Its name.
    pub name: &'static str,
    /// The version of its crate; empty for one elsewhere that is not linked in.
    pub version: &'static str,
    /// Whether there is something to start; if not, it is a library.
    pub is_supervised: bool,
    /// What it is doing.
    pub state: State,
    /// What its end means for the node.
    pub start_type: StartType,
    /// The release that runs it, if this node does not.
    pub release: Option<&'static str>,
    /// What it needs directly, by name.
    pub depends_on: Vec<&'static str>,
    /// How long ago its start began, if it runs.
    pub uptime: Option<Duration>,
    /// How many times its supervisors have restarted a child since then.
    pub restarts: u64,
    /// How many processes belong to it.
    pub processes: usize,
    /// The last abnormal end of one of them.
    pub last_crash: Option<Crash>,
}

impl Controller {
    /// What went wrong in an application, also before it was started again, the oldest first.
    pub(crate) fn history(&self, application: &str) -> Vec<Incident> {
        lock(&self.0.running).get(application).map_or_else(Vec::new, |running| running.leader.history())
    }

    /// What is known of each application, in start order.
    pub(crate) fn infos(&self) -> Vec<ApplicationInfo> {
        let applications = lock(&self.0.applications);
        let running = lock(&self.0.running);
        let order = applications.graph().order().iter();
        order.map(|name| self.info(name, &applications, running.get(name))).collect()
    }

    /// What is known of each application that runs, the one started last first.
    pub(crate) fn running(&self) -> Vec<ApplicationInfo> {
        let applications = lock(&self.0.applications);
        let running = lock(&self.0.running);
        let newest_first = applications.running();
        newest_first.iter().map(|name| self.info(name, &applications, running.get(name))).collect()
    }

    fn info(
        &self,
        name: &'static str,
        applications: &Applications,
        running: Option<&Running>,
    ) -> ApplicationInfo {
        let spec = self.0.loaded.specs.get(name);
        let state = applications.state(name).unwrap_or(State::Loaded);
        let leader = running.map(|running| &running.leader);
        ApplicationInfo {
            name,
            version: spec.map_or("", |spec| spec.version),
            is_supervised: spec.is_some_and(|spec| matches!(spec.kind, Kind::Supervised { .. })),
            state,
            start_type: applications.start_type(name),
            release: applications.release(name),
            depends_on: applications.graph().depends_on(name).collect(),
            uptime: running.filter(|_| state.is_active()).map(|running| running.since.elapsed()),
            restarts: leader.map_or(0, |leader| leader.restarts()),
            processes: leader.map_or(0, |leader| leader.processes()),
            last_crash: leader.and_then(|leader| leader.last_crash()),
        }
    }
}
