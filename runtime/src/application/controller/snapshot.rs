//! What can be told of the applications of a node.

use std::time::Duration;

use super::super::spec::Kind;
use super::super::state::{Applications, StartType, State};
use super::{Controller, Running, lock};
use crate::process::Crash;

/// What is known of one application.
pub(crate) struct Snapshot {
    pub(crate) name: &'static str,
    /// Unknown for an application elsewhere that is not linked in.
    pub(crate) version: &'static str,
    pub(crate) is_supervised: bool,
    pub(crate) state: State,
    pub(crate) start_type: StartType,
    pub(crate) release: Option<&'static str>,
    pub(crate) depends_on: Vec<&'static str>,
    pub(crate) uptime: Option<Duration>,
    pub(crate) restarts: u64,
    pub(crate) processes: usize,
    pub(crate) last_crash: Option<Crash>,
}

impl Controller {
    /// What is known of each application, in start order.
    pub(crate) fn snapshots(&self) -> Vec<Snapshot> {
        let applications = lock(&self.0.applications);
        let running = lock(&self.0.running);
        let order = applications.graph().order().iter();
        order.map(|name| self.snapshot(name, &applications, running.get(name))).collect()
    }

    fn snapshot(
        &self,
        name: &'static str,
        applications: &Applications,
        running: Option<&Running>,
    ) -> Snapshot {
        let spec = self.0.loaded.specs.get(name);
        let state = applications.state(name).unwrap_or(State::Loaded);
        let leader = running.map(|running| &running.leader);
        Snapshot {
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
