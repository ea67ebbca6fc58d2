//! One application of an umbrella.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::AppName;

/// A workspace member with `[package.metadata.umbrella]`: something that is placed, tested, started and stopped as a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// Its package name.
    pub name: AppName,
    /// The folder of its manifest, absolute.
    pub path: PathBuf,
    /// Whether it has something to start.
    pub kind: AppKind,
    /// The applications it depends on, by name: directly, or through crates that are no applications.
    pub dependencies: Vec<AppName>,
    /// Whether it depends on the runtime, so that it can export `application()`.
    pub uses_runtime: bool,
    /// Its package version.
    pub version: String,
}

/// Whether an application has something to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AppKind {
    /// `application = "b::B"`: a callback that starts a supervision tree.
    Supervised {
        /// The path of the callback.
        callback: String,
        /// What happens to the node when the application ends by itself.
        start_type: StartType,
    },
    /// `library = true`: nothing to start.
    Library,
}

/// What happens to the node when an application ends by itself.
///
/// Source: OTP `application:start/2`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StartType {
    /// The node stops. The default, as in a release made by Mix.
    #[default]
    Permanent,
    /// The node stops if it ended abnormally.
    Transient,
    /// It is reported.
    Temporary,
}

impl App {
    /// Whether the application has something to start.
    #[must_use]
    pub fn is_supervised(&self) -> bool {
        matches!(self.kind, AppKind::Supervised { .. })
    }

    /// Whether it exports `application()`: it does when there is something to start here, or below and it can say so.
    #[must_use]
    pub fn exports_application(&self) -> bool {
        self.is_supervised() || (self.uses_runtime && !self.dependencies.is_empty())
    }
}

/// Each application after those it depends on, otherwise by name.
#[must_use]
pub fn in_dependency_order(mut apps: Vec<App>) -> Vec<App> {
    apps.sort_by(|a, b| a.name.cmp(&b.name));
    let mut ordered: Vec<App> = Vec::with_capacity(apps.len());
    while !apps.is_empty() {
        let placed = |name: &AppName| ordered.iter().any(|app| app.name == *name);
        let ready = apps.iter().position(|app| app.dependencies.iter().all(placed));
        // Cargo refuses cycles when it builds; until then any order will do.
        ordered.push(apps.remove(ready.unwrap_or(0)));
    }
    ordered
}
