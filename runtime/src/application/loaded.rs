//! PURE: from the specs of a node to its applications, each once, in order, each with its configuration.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::callback::AnyConfig;
use super::graph::{DependencyCycle, Graph};
use super::spec::{Kind, Spec};
use super::state::{Applications, StartType};
use crate::config::{Config, ConfigError};

/// The applications of a node.
///
/// Source: OTP `application:load/1`.
#[derive(Debug)]
pub(crate) struct Loaded {
    graph: Graph,
    pub(super) specs: BTreeMap<&'static str, Spec>,
    elsewhere: BTreeMap<&'static str, &'static str>,
    /// The configurations of those that can start here.
    pub(super) configs: BTreeMap<&'static str, AnyConfig>,
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
        Ok(Self { graph: Graph::new(depends_on)?, specs, elsewhere, configs: BTreeMap::new() })
    }

    /// Reads the configuration of `names` and of all they need; says everything that is wrong with it at once.
    ///
    /// The others take theirs if it is right, so that they can be started later; it need not be: what does not start
    /// need not be configured.
    pub(crate) fn configure(&mut self, names: &[&'static str], config: &Config) -> Result<(), ConfigError> {
        let mut problems = Vec::new();
        let wanted = self.graph.with_dependencies(names);
        for name in &wanted {
            match self.configured(name, config) {
                Some(Ok(configured)) => drop(self.configs.insert(name, configured)),
                Some(Err(mut found)) => problems.append(&mut found),
                None => {}
            }
        }
        for name in self.specs.keys().filter(|name| !wanted.contains(name)) {
            if let Some(Ok(configured)) = self.configured(name, config) {
                self.configs.insert(name, configured);
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(ConfigError { problems }) }
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
