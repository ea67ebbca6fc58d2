//! What an application is told when its configuration has changed while it runs.

use std::sync::Arc;

use super::callback::AnyConfig;
use crate::config::Difference;

/// What an application is told when its configuration has changed while it runs.
///
/// Lists keys of the application's own table; of a table within it, the outermost key.
///
/// Source: OTP `Module:config_change/3`.
#[derive(Debug)]
pub struct ConfigChange<C> {
    name: &'static str,
    before: Arc<C>,
    config: Arc<C>,
    difference: Difference,
}

impl<C> ConfigChange<C> {
    /// The name of the application.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The table of the application as it is now.
    pub fn config(&self) -> &C {
        &self.config
    }

    /// The same, to be kept or handed to processes.
    pub fn shared_config(&self) -> Arc<C> {
        Arc::clone(&self.config)
    }

    /// The table as it was.
    pub fn before(&self) -> &C {
        &self.before
    }

    /// The keys that have another value than before.
    pub fn changed(&self) -> &[String] {
        &self.difference.changed
    }

    /// The keys that were not set before.
    pub fn added(&self) -> &[String] {
        &self.difference.added
    }

    /// The keys that are not set any more.
    pub fn removed(&self) -> &[String] {
        &self.difference.removed
    }
}

/// A [`ConfigChange`] whose configuration type is forgotten.
#[derive(Clone)]
pub(super) struct AnyChange {
    pub(super) before: AnyConfig,
    pub(super) now: AnyConfig,
    pub(super) difference: Difference,
}

impl AnyChange {
    /// As the application knows it: with the type that `configure` of the same application made.
    pub(super) fn typed<C: Send + Sync + 'static>(self, name: &'static str) -> ConfigChange<C> {
        let typed = |config: AnyConfig| config.downcast().expect("the configuration of this application");
        ConfigChange {
            name,
            before: typed(self.before),
            config: typed(self.now),
            difference: self.difference,
        }
    }
}
