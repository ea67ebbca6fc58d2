//! PURE: from the specs of a node to its applications, each once, in order, each with its configuration.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::callback::AnyConfig;
use super::graph::{DependencyCycle, Graph};
use super::spec::{Kind, Spec};
use super::state::{Applications, StartType};
use crate::config::{Config, ConfigError, Difference};

/// The applications of a node.
///
/// Source: OTP `application:load/1`.
pub(crate) struct Loaded {
    graph: Graph,
    pub(super) specs: BTreeMap<&'static str, Spec>,
    elsewhere: BTreeMap<&'static str, &'static str>,
    /// What the applications are started with; the controller takes it over.
    pub(super) configured: Configured,
}

/// The configuration of a node, and what each application that can start here makes of it.
#[derive(Default)]
pub(super) struct Configured {
    config: Option<Config>,
    pub(super) typed: BTreeMap<&'static str, AnyConfig>,
}

impl Configured {
    /// What is different for an application since `before`.
    pub(super) fn since(&self, before: &Self, name: &str) -> Difference {
        match (&before.config, &self.config) {
            (Some(before), Some(now)) => Difference::between(&before.section(name), &now.section(name)),
            (None, _) | (_, None) => Difference::default(),
        }
    }
}

impl Loaded {
    /// Takes the trees of dependencies apart.
    ///
    /// What only applications elsewhere need is not of this node, although it is linked into it.
    pub(crate) fn new(
        roots: Vec<Spec>,
        elsewhere: BTreeMap<&'static str, &'static str>,
    ) -> Result<Self, DependencyCycle> {
        let mut specs: BTreeMap<&'static str, Spec> = BTreeMap::new();
        let mut depends_on: BTreeMap<_, BTreeSet<_>> =
            elsewhere.keys().map(|name| (*name, BTreeSet::new())).collect();
        let mut waiting = roots;
        while let Some(mut spec) = waiting.pop() {
            let needed = depends_on.entry(spec.name).or_default();
            if !elsewhere.contains_key(spec.name) {
                needed.extend(spec.dependencies.iter().map(Spec::name));
                waiting.append(&mut spec.dependencies);
            }
            specs.entry(spec.name).or_insert(spec);
        }
        Ok(Self { graph: Graph::new(depends_on)?, specs, elsewhere, configured: Configured::default() })
    }

    /// Reads the configuration that `names` and all they need are to be started with; see [`read`](Self::read).
    pub(crate) fn configure(&mut self, names: &[&'static str], config: Config) -> Result<(), ConfigError> {
        self.configured = self.read(names, config)?;
        Ok(())
    }

    /// Reads the configuration of `names` and of all they need; says everything that is wrong with it at once.
    ///
    /// The others take theirs if it is right, so that they can be started later; it need not be: what does not start
    /// need not be configured.
    pub(super) fn read(&self, names: &[&'static str], config: Config) -> Result<Configured, ConfigError> {
        let (mut problems, mut typed) = (Vec::new(), BTreeMap::new());
        let wanted = self.graph.with_dependencies(names);
        for name in &wanted {
            match self.configured(name, &config) {
                Some(Ok(configured)) => drop(typed.insert(*name, configured)),
                Some(Err(mut found)) => problems.append(&mut found),
                None => {}
            }
        }
        for name in self.specs.keys().filter(|name| !wanted.contains(name)) {
            if let Some(Ok(configured)) = self.configured(name, &config) {
                typed.insert(*name, configured);
            }
        }
        let configured = Configured { config: Some(config), typed };
        if problems.is_empty() { Ok(configured) } else { Err(ConfigError { problems }) }
    }

    fn configured(
        &self,
        name: &'static str,
        config: &Config,
    ) -> Option<Result<AnyConfig, Vec<crate::config::Problem>>> {
        let here = self.specs.get(name).filter(|_| !self.elsewhere.contains_key(name))?;
        match &here.kind {
            Kind::Supervised { callback, .. } => Some(callback.configure(&config.section(name))),
            Kind::Library => None,
        }
    }

    /// All applications loaded, none started.
    pub(crate) fn applications(&self) -> Applications {
        Applications::new(self.graph.clone(), &self.start_types(), &self.elsewhere)
    }

    /// How long the stop of an application may take; nothing for as long as it takes.
    pub(super) fn shutdown_timeout(&self, name: &str) -> Option<Duration> {
        match &self.specs.get(name)?.kind {
            Kind::Supervised { callback, .. } => callback.shutdown_timeout(),
            Kind::Library => None,
        }
    }

    /// The applications that run in other releases, with the release.
    pub(crate) fn elsewhere(&self) -> &BTreeMap<&'static str, &'static str> {
        &self.elsewhere
    }

    fn start_types(&self) -> BTreeMap<&'static str, StartType> {
        let start_type = |(name, spec): (&&'static str, &Spec)| match spec.kind {
            Kind::Supervised { start_type, .. } => Some((*name, start_type)),
            Kind::Library => None,
        };
        self.specs.iter().filter_map(start_type).collect()
    }
}
