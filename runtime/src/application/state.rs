//! PURE: what each application of a node is doing, and what a request to start, stop or restart leads to.
//!
//! No I/O and no clock: the [controller](super::controller) asks for a plan, carries it out one application at a time
//! and reports each step back with [`Applications::set`].
//!
//! ```text
//!           start              started              stop                 gone
//!  Loaded ─────────▶ Starting ─────────▶ Running ─────────▶ Stopping ─────────▶ Stopped
//!                       │                   │ ended on its own                    │ start: Starting again
//!                       └──────▶ Failed ◀───┘
//! ```
//!
//! Source: OTP `application_controller`. Differs: stopping an application that others need is refused unless they are
//! stopped too; OTP leaves them running without it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::graph::Graph;
use super::refused::Refused;

/// What the end of an application means for its node.
///
/// Source: OTP `application:start/2`. The default is `Permanent`, as in the applications of a Mix release.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StartType {
    /// However it ends, the node goes down.
    #[default]
    Permanent,
    /// The node goes down unless the reason is `Normal`.
    ///
    /// As in OTP, a supervision tree that gives up ends with `Shutdown`, which is not `Normal`.
    Transient,
    /// The end is reported, the node goes on.
    Temporary,
}

/// What an application is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Known to the node, not started yet.
    Loaded,
    /// Its start function is running.
    Starting,
    /// Started and not ended.
    Running,
    /// Being stopped.
    Stopping,
    /// Stopped on request.
    Stopped,
    /// Could not be started, or ended on its own.
    Failed,
    /// Runs in another release of the deployment; counts as satisfied for those that need it.
    Elsewhere,
}

impl State {
    /// Whether there is something to stop.
    pub(crate) fn is_active(self) -> bool {
        matches!(self, Self::Starting | Self::Running | Self::Stopping)
    }
}

/// What to do for a start request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StartPlan {
    /// To be started, dependencies first.
    pub start: Vec<&'static str>,
    /// Asked for and running already.
    pub already: Vec<&'static str>,
}

/// What to do for a stop request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StopPlan {
    /// To be stopped, dependents first.
    pub stop: Vec<&'static str>,
    /// Asked for and not running anyway.
    pub already: Vec<&'static str>,
}

/// What to do for a restart request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RestartPlan {
    /// To be stopped, dependents first.
    pub stop: Vec<&'static str>,
    /// To be started afterwards, dependencies first.
    pub start: Vec<&'static str>,
}

/// What the end of an application leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// It was being stopped, or had not started: whoever asked for that reports it.
    Expected,
    /// It ended on its own, and that is all.
    Reported,
    /// It ended on its own, and the node goes down with it.
    NodeDown,
}

#[derive(Clone, Debug)]
struct Entry {
    state: State,
    start_type: StartType,
    /// The release it runs in, for an application elsewhere.
    release: Option<&'static str>,
}

/// The applications of one node.
#[derive(Clone, Debug)]
pub(crate) struct Applications {
    graph: Graph,
    entries: BTreeMap<&'static str, Entry>,
    /// What has been started and has not ended, in that order; last what is starting.
    started: Vec<&'static str>,
    stopping: bool,
}

impl Applications {
    /// All applications loaded, none started.
    ///
    /// An application without a start type is permanent.
    pub(crate) fn new(
        graph: Graph,
        start_types: &BTreeMap<&'static str, StartType>,
        elsewhere: &BTreeMap<&'static str, &'static str>,
    ) -> Self {
        let entry = |name: &'static str| {
            let release = elsewhere.get(name).copied();
            let state = if release.is_some() { State::Elsewhere } else { State::Loaded };
            Entry { state, start_type: start_types.get(name).copied().unwrap_or_default(), release }
        };
        let entries = graph.order().iter().map(|name| (*name, entry(name))).collect();
        Self { graph, entries, started: Vec::new(), stopping: false }
    }

    /// The dependencies.
    pub(crate) fn graph(&self) -> &Graph {
        &self.graph
    }

    /// What runs, the one started last first.
    ///
    /// Source: OTP `application:which_applications/0`.
    pub(crate) fn running(&self) -> Vec<&'static str> {
        let is_running = |name: &&'static str| self.state(name) == Some(State::Running);
        self.started.iter().rev().copied().filter(is_running).collect()
    }

    /// Whether the node goes down.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping
    }

    /// What an application is doing.
    pub(crate) fn state(&self, name: &str) -> Option<State> {
        self.entries.get(name).map(|entry| entry.state)
    }

    /// What the end of an application means.
    pub(crate) fn start_type(&self, name: &str) -> StartType {
        self.entries.get(name).map(|entry| entry.start_type).unwrap_or_default()
    }

    /// Where an application runs, if not here.
    pub(crate) fn release(&self, name: &str) -> Option<&'static str> {
        self.entries.get(name).and_then(|entry| entry.release)
    }

    /// Notes what an application is doing now.
    pub(crate) fn set(&mut self, name: &str, state: State) {
        let Some((name, _)) = self.entries.get_key_value(name) else { return };
        let name = *name;
        if matches!(state, State::Starting | State::Running) || !state.is_active() {
            self.started.retain(|started| *started != name);
        }
        if matches!(state, State::Starting | State::Running) {
            self.started.push(name);
        }
        self.entries.entry(name).and_modify(|entry| entry.state = state);
    }

    /// Every application that can run here, by name.
    pub(crate) fn known(&self) -> Vec<&'static str> {
        self.entries.iter().filter(|(_, entry)| entry.release.is_none()).map(|(name, _)| *name).collect()
    }

    /// What `names` need before they run: they themselves and their dependencies, without what runs already.
    pub(crate) fn plan_start<S: AsRef<str>>(&self, names: &[S]) -> Result<StartPlan, Refused> {
        let names = self.resolve(names)?;
        let start = self.not_running(&names);
        self.none_starts(&start)?;
        Ok(StartPlan { start, already: self.pick(&names, |s| s == State::Running) })
    }

    /// The application to be started alone: it does not run, and all it needs does.
    ///
    /// Source: OTP `application:start/1`.
    pub(crate) fn plan_start_alone(&self, name: &str) -> Result<&'static str, Refused> {
        let application = self.resolve_one(name)?;
        self.none_starts(&[application])?;
        if self.state(application) == Some(State::Running) {
            return Err(Refused::AlreadyStarted { application });
        }
        let dependencies = self.unmet(application);
        if dependencies.is_empty() {
            return Ok(application);
        }
        Err(Refused::DependenciesNotStarted { application, dependencies })
    }

    /// What has to stop for one application that runs to be stopped; see [`plan_stop`](Self::plan_stop).
    pub(crate) fn plan_stop_running(
        &self,
        name: &str,
        with_dependents: bool,
    ) -> Result<Vec<&'static str>, Refused> {
        let application = self.resolve_one(name)?;
        let plan = self.plan_stop(&[application], with_dependents)?;
        if plan.stop.contains(&application) {
            Ok(plan.stop)
        } else {
            Err(Refused::NotStarted { application })
        }
    }

    /// What has to stop, in reverse order, for `names` to be stopped.
    pub(crate) fn plan_stop<S: AsRef<str>>(
        &self,
        names: &[S],
        with_dependents: bool,
    ) -> Result<StopPlan, Refused> {
        let names = self.resolve(names)?;
        let stop = self.active_with_dependents(&names, with_dependents)?;
        Ok(StopPlan { stop, already: self.pick(&names, |s| !s.is_active()) })
    }

    /// Stops `names` and brings them back, with everything that was stopped for it and everything they need.
    pub(crate) fn plan_restart<S: AsRef<str>>(
        &self,
        names: &[S],
        with_dependents: bool,
    ) -> Result<RestartPlan, Refused> {
        let names = self.resolve(names)?;
        let stop = self.active_with_dependents(&names, with_dependents)?;
        let mut after = self.clone();
        stop.iter().for_each(|name| after.set(name, State::Stopped));
        let back: Vec<_> = names.into_iter().chain(stop.iter().copied()).collect();
        Ok(RestartPlan { start: after.not_running(&back), stop })
    }

    /// The node goes down: nothing starts from now on. Answers what has to stop, in reverse order.
    pub(crate) fn shut_down(&mut self) -> Vec<&'static str> {
        self.stopping = true;
        self.active()
    }

    /// Notes that an application has ended and decides what follows; `normal` is whether its reason was `Normal`.
    ///
    /// Source: OTP `application_controller:handle_info/2`, `'EXIT'`.
    pub(crate) fn ended(&mut self, name: &str, normal: bool) -> Ended {
        if self.state(name) != Some(State::Running) {
            return Ended::Expected;
        }
        self.set(name, State::Failed);
        match self.start_type(name) {
            _ if self.stopping => Ended::Reported,
            StartType::Permanent => Ended::NodeDown,
            StartType::Transient if !normal => Ended::NodeDown,
            StartType::Transient | StartType::Temporary => Ended::Reported,
        }
    }

    /// The dependencies of an application that neither run here nor elsewhere.
    pub(crate) fn unmet(&self, name: &str) -> Vec<&'static str> {
        let met = |state| matches!(state, Some(State::Running | State::Elsewhere));
        self.graph.depends_on(name).filter(|dependency| !met(self.state(dependency))).collect()
    }

    /// What is to be stopped, the one started last first, but never before one that needs it.
    ///
    /// The two differ when a temporary application has ended and come back while others that need it went on.
    fn active(&self) -> Vec<&'static str> {
        let mut order = Vec::with_capacity(self.started.len());
        for name in self.started.iter().rev() {
            let dependents = self.graph.dependents(&[name]);
            let dependents = dependents.into_iter().rev().filter(|name| self.started.contains(name));
            for name in dependents.chain([*name]) {
                if !order.contains(&name) {
                    order.push(name);
                }
            }
        }
        order
    }

    /// Whoever asks belongs to what is starting meanwhile, which cannot wait for itself.
    fn none_starts(&self, names: &[&'static str]) -> Result<(), Refused> {
        match self.pick(names, |state| state == State::Starting).first() {
            Some(application) => Err(Refused::CallingSelf { application }),
            None => Ok(()),
        }
    }

    fn active_with_dependents(
        &self,
        names: &[&'static str],
        with_dependents: bool,
    ) -> Result<Vec<&'static str>, Refused> {
        let active = self.active();
        let mut stop: BTreeSet<_> = names.iter().copied().collect();
        for application in names.iter().copied() {
            let needs_it = self.graph.dependents(&[application]);
            let mut dependents: Vec<_> = active.iter().rev().copied().collect();
            dependents.retain(|name| needs_it.contains(name));
            if with_dependents {
                stop.extend(dependents);
                continue;
            }
            dependents.retain(|name| !names.contains(name));
            if !dependents.is_empty() && self.state(application).is_some_and(State::is_active) {
                return Err(Refused::HasDependents { application, dependents });
            }
        }
        let stop: Vec<_> = active.into_iter().filter(|name| stop.contains(name)).collect();
        self.none_starts(&stop)?;
        Ok(stop)
    }

    fn not_running(&self, names: &[&'static str]) -> Vec<&'static str> {
        let mut needed = self.graph.with_dependencies(names);
        needed.retain(|name| !matches!(self.state(name), Some(State::Running | State::Elsewhere)));
        needed
    }

    fn pick(&self, names: &[&'static str], is: impl Fn(State) -> bool) -> Vec<&'static str> {
        names.iter().copied().filter(|name| self.state(name).is_some_and(&is)).collect()
    }

    fn resolve_one(&self, name: &str) -> Result<&'static str, Refused> {
        Ok(self.resolve(&[name])?[0])
    }

    /// The applications meant by names that came from outside, each once, in the order given.
    fn resolve<S: AsRef<str>>(&self, names: &[S]) -> Result<Vec<&'static str>, Refused> {
        if self.stopping {
            return Err(Refused::NodeStopping);
        }
        let mut resolved = Vec::with_capacity(names.len());
        for name in names.iter().map(AsRef::as_ref) {
            let Some((&application, entry)) = self.entries.get_key_value(name) else {
                return Err(Refused::UnknownApplication { application: name.into(), known: self.known() });
            };
            if let Some(release) = entry.release {
                return Err(Refused::Elsewhere { application, release });
            }
            if !resolved.contains(&application) {
                resolved.push(application);
            }
        }
        Ok(resolved)
    }
}

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;
