//! What `resolve` needs to know of a workspace.

use crate::workspace::{App, Workspace};

/// The members of a workspace, as far as placement is concerned.
///
/// Plain data, so that a test writes one in a line; [`From`] makes it of the loaded workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Members {
    /// The umbrella's name, which is also that of the release of all its applications.
    pub umbrella: String,
    /// Every member of the workspace, applications and others.
    pub members: Vec<Member>,
}

/// One package of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The package's name.
    pub name: String,
    /// What it is to umbrella.
    pub kind: MemberKind,
    /// The applications it depends on directly (or through ordinary crates), development dependencies left out.
    pub depends_on: Vec<String>,
}

/// What a package is to umbrella.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberKind {
    /// An application with a callback: it is started.
    Supervised,
    /// A library application: there is nothing to start.
    Library,
    /// A generated release crate: rewritten at will.
    Release,
    /// Any other crate: linked where it is needed, never placed.
    Ordinary,
}

impl From<&Workspace> for Members {
    fn from(workspace: &Workspace) -> Self {
        let application = |app: &App| Member {
            name: app.name.to_string(),
            kind: if app.is_supervised() { MemberKind::Supervised } else { MemberKind::Library },
            depends_on: app.dependencies.iter().map(ToString::to_string).collect(),
        };
        let other =
            |name: &String, kind: MemberKind| Member { name: name.clone(), kind, depends_on: Vec::new() };
        let crates = workspace.crates.iter().map(|name| other(name, MemberKind::Ordinary));
        let releases = workspace.releases.iter().map(|release| other(&release.package, MemberKind::Release));
        let members = workspace.apps.iter().map(application).chain(crates).chain(releases).collect();
        Self { umbrella: workspace.name.to_string(), members }
    }
}

impl MemberKind {
    /// Whether a package of this kind has a place in a deployment.
    #[must_use]
    pub fn is_application(self) -> bool {
        matches!(self, Self::Supervised | Self::Library)
    }

    /// Whether it is an application that is started.
    #[must_use]
    pub fn is_supervised(self) -> bool {
        matches!(self, Self::Supervised)
    }
}

impl Members {
    /// The member called `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.name == name)
    }

    /// The application called `name`.
    #[must_use]
    pub fn application(&self, name: &str) -> Option<&Member> {
        self.get(name).filter(|member| member.kind.is_application())
    }

    /// The applications, in the order of the workspace.
    pub fn applications(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|member| member.kind.is_application())
    }
}
