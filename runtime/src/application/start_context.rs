//! What a starting application is told.

use std::sync::Arc;

/// What a starting application is told.
#[derive(Debug)]
pub struct StartContext<C> {
    name: &'static str,
    config: Arc<C>,
}

impl<C> StartContext<C> {
    pub(super) fn new(name: &'static str, config: Arc<C>) -> Self {
        Self { name, config }
    }

    /// The name of the application.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The table of the application in `config/*.toml`.
    pub fn config(&self) -> &C {
        &self.config
    }

    /// The same, to be kept or handed to processes.
    pub fn shared_config(&self) -> Arc<C> {
        Arc::clone(&self.config)
    }
}
