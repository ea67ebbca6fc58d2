//! What is worth saying about a deployment that is no error.

use std::fmt;

use super::{Members, Release};

/// A dependency that the placement turns into a call between nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Note {
    /// A supervised dependency runs in another release.
    DependencyElsewhere {
        /// Who depends.
        application: String,
        /// On what.
        dependency: String,
        /// The release that runs the dependency.
        release: String,
    },
    /// A supervised dependency runs in no release of this partial deployment.
    DependencyUnplaced {
        /// Who depends.
        application: String,
        /// On what.
        dependency: String,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DependencyElsewhere { application, dependency, release } => write!(
                f,
                "`{application}` depends on `{dependency}`, which runs in release `{release}`: its calls go over \
                 the network, and return `NoConnection` while no node of it runs"
            ),
            Self::DependencyUnplaced { application, dependency } => write!(
                f,
                "`{application}` depends on `{dependency}`, which runs in no release of this deployment: its calls \
                 return `NoConnection`"
            ),
        }
    }
}

/// The dependencies that leave their release, in the order of the releases and of their applications.
pub(super) fn crossing_dependencies(releases: &[Release], members: &Members) -> Vec<Note> {
    let mut notes = Vec::new();
    for release in releases {
        for application in &release.applications {
            for dependency in crossings(application, release, members) {
                let home = releases.iter().find(|other| other.applications.contains(&dependency));
                let application = application.clone();
                notes.push(match home {
                    Some(home) => {
                        Note::DependencyElsewhere { application, dependency, release: home.name.clone() }
                    }
                    None => Note::DependencyUnplaced { application, dependency },
                });
            }
        }
    }
    notes
}

/// The supervised applications outside `release` that the code of `application` can call: its own dependencies and
/// those of the libraries it links, which run their code here wherever they are placed.
fn crossings(application: &str, release: &Release, members: &Members) -> Vec<String> {
    let mut found = Vec::new();
    let mut seen = Vec::new();
    let mut next = vec![application];
    while let Some(name) = next.pop() {
        for dependency in members.get(name).map(|member| member.depends_on.as_slice()).unwrap_or_default() {
            let inside = release.applications.contains(dependency);
            if inside || seen.contains(&dependency) {
                continue;
            }
            seen.push(dependency);
            match members.application(dependency).map(|member| member.kind.is_supervised()) {
                Some(true) => found.push(dependency.clone()),
                Some(false) => next.push(dependency),
                None => {}
            }
        }
    }
    found.sort();
    found
}
