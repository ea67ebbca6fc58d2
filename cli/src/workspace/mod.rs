//! The model of an umbrella: plain data, validated once, loaded through `cargo metadata`.

mod alias;
mod app;
mod enclosing;
#[cfg(test)]
pub(crate) mod fixture;
mod inherit;
mod insertion;
pub mod library;
mod load;
pub mod manifest;
mod member;
mod metadata;
mod module_name;
mod name;
mod node_name;
mod path;
mod reserved;
mod revision;
mod rules;
mod sources;
mod suggest;
mod template;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

pub use alias::aliases;
pub use app::{App, AppKind, StartType, in_dependency_order};
pub use enclosing::enclosing_umbrella;
pub use load::LoadError;
pub use member::{Dependency, DependencyKind, Member, MemberRole};
pub use metadata::MetadataTableError;
pub use module_name::ModuleName;
pub(crate) use name::LONGEST;
pub(crate) use name::suggest;
pub use name::{AppName, NameError, NameFault, NameKind, ReleaseName};
pub use node_name::NodeName;
pub use path::normalize_path;
pub use revision::git_revision;
pub use rules::{Pattern, Rules};
pub use sources::{Sources, SourcesError};
pub use suggest::did_you_mean;
pub use template::{TEMPLATES_FOLDER, TemplateFolderError, read_template, template_folders};

/// An umbrella, as its manifests describe it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// The folder of the root manifest, absolute.
    pub root: PathBuf,
    /// `[workspace.metadata.umbrella] name`: also the name of the release with every application in it.
    pub name: ReleaseName,
    /// Every application, each after those it depends on; otherwise by name.
    pub apps: Vec<App>,
    /// The members that are neither applications nor releases, by name: ordinary crates.
    pub crates: Vec<String>,
    /// Every member that cargo knows, by folder: applications, crates and releases.
    pub members: Vec<Member>,
    /// The generated release crates, by name.
    pub releases: Vec<ReleaseCrate>,
    /// `[workspace.metadata.umbrella.deployments]`: saved placement expressions by name.
    pub deployments: BTreeMap<String, String>,
    /// `[workspace.metadata.umbrella.rules]`: who may depend on whom.
    pub rules: Rules,
    /// Where cargo builds, absolute.
    pub target_directory: PathBuf,
}

/// A generated release crate that is a member of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseCrate {
    /// The release: the name of its binary.
    pub name: ReleaseName,
    /// The package: the same, or `<release>_release` when an application has that name.
    pub package: String,
    /// The folder of its manifest, absolute.
    pub path: PathBuf,
}

impl Workspace {
    /// The root manifest.
    #[must_use]
    pub fn manifest_path(&self) -> PathBuf {
        self.root.join("Cargo.toml")
    }

    /// The folder of a member, relative to the root, with `/` between its parts; `.` for the root itself.
    #[must_use]
    pub fn folder_of(&self, member: &Member) -> String {
        let folder = member.path.strip_prefix(&self.root).unwrap_or(&member.path);
        if folder.as_os_str().is_empty() {
            ".".to_owned()
        } else {
            folder.to_string_lossy().replace('\\', "/")
        }
    }

    /// The configuration that every environment shares.
    #[must_use]
    pub fn config_path(&self) -> PathBuf {
        self.root.join("config").join("config.toml")
    }

    /// The package of the release `name`: the same, or `<name>_release` when an application or a crate has that name.
    #[must_use]
    pub fn release_package(&self, name: &ReleaseName) -> String {
        let taken =
            self.app(name.as_str()).is_some() || self.crates.iter().any(|krate| krate == name.as_str());
        if taken { format!("{name}_release") } else { name.to_string() }
    }

    /// The same umbrella with one more application.
    #[must_use]
    pub fn with_app(mut self, app: App) -> Self {
        self.apps.push(app);
        self.apps = in_dependency_order(self.apps);
        self
    }

    /// Whether the root is itself the one application: a standalone project, outside of any umbrella.
    #[must_use]
    pub fn is_standalone(&self) -> bool {
        self.apps.iter().any(|app| app.path == self.root)
    }

    /// The application of this name.
    #[must_use]
    pub fn app(&self, name: &str) -> Option<&App> {
        self.apps.iter().find(|app| app.name.as_str() == name)
    }

    /// The generated release crate of this name.
    #[must_use]
    pub fn release(&self, name: &str) -> Option<&ReleaseCrate> {
        self.releases.iter().find(|release| release.name.as_str() == name)
    }

    /// The application whose folder holds `path`.
    #[must_use]
    pub fn app_containing(&self, path: &Path) -> Option<&App> {
        let holding = self.apps.iter().filter(|app| app.path != self.root && path.starts_with(&app.path));
        holding.max_by_key(|app| app.path.components().count())
    }

    /// The names of all applications, in the order of [`apps`](Self::apps).
    pub fn app_names(&self) -> impl Iterator<Item = &str> {
        self.apps.iter().map(|app| app.name.as_str())
    }

    /// The named applications and everything they depend on, in dependency order.
    #[must_use]
    pub fn with_dependencies<'a>(&'a self, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a App> {
        let mut wanted: BTreeSet<&str> = names.into_iter().collect();
        // An application comes after those it depends on: one pass from the end reaches them all.
        for app in self.apps.iter().rev() {
            if wanted.contains(app.name.as_str()) {
                wanted.extend(app.dependencies.iter().map(AppName::as_str));
            }
        }
        self.apps.iter().filter(|app| wanted.contains(app.name.as_str())).collect()
    }

    /// The applications that depend on `name`, directly or not, in dependency order.
    #[must_use]
    pub fn dependents(&self, name: &str) -> Vec<&App> {
        let mut found: Vec<&App> = Vec::new();
        for app in &self.apps {
            let depends =
                |on: &AppName| on.as_str() == name || found.iter().any(|dependent| dependent.name == *on);
            if app.dependencies.iter().any(depends) {
                found.push(app);
            }
        }
        found
    }
}
