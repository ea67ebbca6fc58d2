//! A deployment that fits its workspace.

use serde::Serialize;

use super::Note;

/// A placement expression checked against a workspace: every name exists, every application has its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolvedDeployment {
    /// The canonical expression, as `release.json` shows it.
    pub expression: String,
    /// The releases, in the order written.
    pub releases: Vec<Release>,
    /// Applications that run nowhere; empty unless a partial deployment was asked for.
    pub unplaced: Vec<String>,
    /// What the user should know although it is no error.
    pub notes: Vec<Note>,
}

/// One release of a deployment: what one node runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The release's name: of its folder, its binary and its node.
    pub name: String,
    /// The name of its package: that of the release, or `<name>_release` where an application has that name.
    pub package: String,
    /// What starts here, dependencies first.
    pub applications: Vec<String>,
    /// The applications that do not run here and the releases that they run in, sorted. One that a partial deployment
    /// leaves out is said to run in a release of its own name.
    pub elsewhere: Vec<Elsewhere>,
    /// In how many nodes it runs.
    pub instances: u32,
}

/// An application and the other release that runs it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Elsewhere {
    /// The application.
    pub application: String,
    /// The release it runs in.
    pub release: String,
    /// In how many nodes that release runs.
    #[serde(skip_serializing_if = "is_one")]
    pub instances: u32,
}

fn is_one(instances: &u32) -> bool {
    *instances == 1
}

impl ResolvedDeployment {
    /// The release called `name`.
    #[must_use]
    pub fn release(&self, name: &str) -> Option<&Release> {
        self.releases.iter().find(|release| release.name == name)
    }
}
