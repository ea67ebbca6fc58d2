//! What an application is, before it is started.

use std::fmt;
use std::sync::Arc;

use super::callback::{Application, Callback};
use super::state::StartType;

/// An application, with those it depends on.
///
/// Written by [`umbrella::application!()`](crate::application!). The same application may appear many times in the tree of
/// dependencies; it is one application.
///
/// Source: OTP `app(4)`: `mod`, `applications`, `vsn`.
#[derive(Clone)]
#[must_use = "a spec does nothing until it is given to a node"]
pub struct Spec {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
    pub(super) kind: Kind,
    pub(super) dependencies: Vec<Spec>,
}

#[derive(Clone)]
pub(super) enum Kind {
    /// There is something to start.
    Supervised { callback: Arc<dyn Callback>, start_type: StartType },
    /// There is nothing to start; it may need applications that have.
    Library,
}

impl Spec {
    /// An application that is started by its callback.
    pub fn supervised(
        name: &'static str,
        version: &'static str,
        callback: impl Application,
        start_type: StartType,
    ) -> Self {
        let kind = Kind::Supervised { callback: Arc::new(callback), start_type };
        Self { name, version, kind, dependencies: Vec::new() }
    }

    /// An application without processes of its own.
    pub fn library(name: &'static str, version: &'static str) -> Self {
        Self { name, version, kind: Kind::Library, dependencies: Vec::new() }
    }

    /// Adds an application that has to run before this one.
    pub fn depends_on(mut self, dependency: Self) -> Self {
        self.dependencies.push(dependency);
        self
    }

    /// The name of the application.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The version of its crate.
    pub fn version(&self) -> &'static str {
        self.version
    }

    /// What has to run before it.
    pub(crate) fn dependencies(&self) -> &[Self] {
        &self.dependencies
    }

    /// There is nothing to start.
    pub(crate) fn is_library(&self) -> bool {
        matches!(self.kind, Kind::Library)
    }
}

impl fmt::Debug for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.kind {
            Kind::Supervised { start_type, .. } => format!("Supervised({start_type:?})"),
            Kind::Library => "Library".into(),
        };
        let dependencies: Vec<_> = self.dependencies.iter().map(Self::name).collect();
        f.debug_struct("Spec")
            .field("name", &self.name)
            .field("version", &self.version)
            .field("kind", &kind)
            .field("dependencies", &dependencies)
            .finish()
    }
}
