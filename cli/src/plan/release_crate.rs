//! The crates in `releases/`: generated whole from the model, never edited.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use umbrella_templates::{FileSet, Release, Step as BootStep, render};

use super::draft::{Draft, fitted};
use super::{Contents, Entry, Plan, PlanError};
use crate::deployment;
use crate::workspace::{App, AppName, NodeName, ReleaseName, Sources, Workspace};

/// What one release is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseContents {
    /// The release: its folder, its binary and its node.
    pub name: ReleaseName,
    /// Its package: see [`Workspace::release_package`].
    pub package: String,
    /// Its version; that of the workspace otherwise.
    pub version: Option<String>,
    /// The applications that run here.
    pub applications: Vec<AppName>,
    /// The applications of the deployment's other releases, each with its release.
    pub elsewhere: Vec<(AppName, ReleaseName)>,
    /// The releases of the deployment, this one too, that run in several nodes, and in how many.
    pub instances: BTreeMap<ReleaseName, u32>,
}

impl ReleaseContents {
    /// The release that is named after the umbrella: every application in one node.
    #[must_use]
    pub fn whole(workspace: &Workspace) -> Self {
        Self {
            name: workspace.name.clone(),
            package: workspace.release_package(&workspace.name),
            version: None,
            applications: workspace.apps.iter().map(|app| app.name.clone()).collect(),
            elsewhere: Vec::new(),
            instances: BTreeMap::new(),
        }
    }

    /// Its nodes: one, or one of each number.
    #[must_use]
    pub fn nodes(&self) -> Vec<NodeName> {
        let node = |instance| NodeName { release: self.name.to_string(), instance };
        match self.instances.get(&self.name) {
            Some(&count) => (1..=count).map(|number| node(Some(number))).collect(),
            None => vec![node(None)],
        }
    }

    /// The folder of its crate.
    #[must_use]
    pub fn folder(&self, workspace: &Workspace) -> PathBuf {
        match workspace.release(self.name.as_str()) {
            Some(existing) => existing.path.clone(),
            None => workspace.root.join(self.member()),
        }
    }

    fn member(&self) -> String {
        format!("releases/{}", self.name)
    }

    /// Sorted by name: the order of starting is that of the dependencies, whatever stands here.
    fn steps(&self, workspace: &Workspace) -> Vec<BootStep> {
        let mut here: Vec<&App> =
            self.applications.iter().filter_map(|name| workspace.app(name.as_str())).collect();
        here.sort_by(|a, b| a.name.cmp(&b.name));
        let here = here.into_iter().map(|app| {
            let package = app.name.to_string();
            if app.exports_application() {
                BootStep::Application { package }
            } else {
                BootStep::Library { package, version: app.version.clone() }
            }
        });
        let mut elsewhere = self.elsewhere.clone();
        elsewhere.sort();
        let elsewhere = elsewhere.into_iter().map(|(application, release)| BootStep::Elsewhere {
            application: application.to_string(),
            release: release.to_string(),
        });
        let umbrella =
            (self.name != workspace.name).then(|| BootStep::Umbrella { name: workspace.name.to_string() });
        let instances = self.instances.iter();
        let instances =
            instances.map(|(release, &count)| BootStep::Instances { release: release.to_string(), count });
        umbrella.into_iter().chain(here).chain(elsewhere).chain(instances).collect()
    }

    /// Its files, relative to its folder: the manifest, then the program.
    pub(super) fn entries(&self, workspace: &Workspace) -> Result<Vec<Entry>, PlanError> {
        let release = Release::new(self.name.as_str(), &self.package, &self.steps(workspace));
        let release = release.with_version(self.version.as_deref());
        Ok(render(FileSet::Release(&release))?.into_iter().map(Entry::from).collect())
    }
}

impl From<deployment::Release> for ReleaseContents {
    fn from(release: deployment::Release) -> Self {
        let own = (ReleaseName::existing(release.name.as_str()), release.instances);
        let others = release.elsewhere.iter();
        let others = others.map(|other| (ReleaseName::existing(other.release.as_str()), other.instances));
        let instances = others.chain([own]).filter(|(_, instances)| *instances > 1).collect();
        let elsewhere = release.elsewhere.into_iter();
        Self {
            instances,
            name: ReleaseName::existing(release.name),
            package: release.package,
            version: None,
            applications: release.applications.into_iter().map(AppName::of_package).collect(),
            elsewhere: elsewhere
                .map(|other| (AppName::of_package(other.application), ReleaseName::existing(other.release)))
                .collect(),
        }
    }
}

/// Writes the crates of these releases anew, and makes them members of the workspace.
///
/// The plan is empty when everything is as it should be.
///
/// # Errors
/// [`PlanError`] if the root manifest cannot be edited.
pub fn release_crates(
    workspace: &Workspace,
    sources: &Sources,
    releases: &[ReleaseContents],
) -> Result<Plan, PlanError> {
    let mut draft = Draft::new(workspace, sources);
    for release in releases {
        draft.add_release(workspace, release)?;
    }
    Ok(draft.into_plan())
}

/// Writes the release of all applications anew, as it is for `after`, where its files are there.
pub(super) fn rewrite_whole_release(
    plan: &mut Plan,
    workspace: &Workspace,
    sources: &Sources,
    after: &Workspace,
) -> Result<(), PlanError> {
    let whole = ReleaseContents::whole(after);
    let folder = whole.folder(workspace);
    let manifest = sources.get(&workspace.manifest_path()).unwrap_or_default();
    for entry in fitted(whole.entries(after)?, manifest) {
        let path = folder.join(entry.path());
        if let (Entry::File { contents: Contents::Text(contents), .. }, Some(text)) =
            (entry, sources.get(&path))
        {
            plan.replace(path, text, contents, None);
        }
    }
    Ok(())
}

impl Draft<'_> {
    /// Writes a release crate: whole if it is new, else only its files that differ.
    pub(super) fn add_release(
        &mut self,
        workspace: &Workspace,
        release: &ReleaseContents,
    ) -> Result<(), PlanError> {
        let folder = release.folder(workspace);
        let entries = release.entries(workspace)?;
        if self.sources.get(&folder.join("Cargo.toml")).is_none() {
            self.add_tree(folder, entries);
            return self.add_member(&release.member());
        }
        for entry in fitted(entries, self.manifest()) {
            if let Entry::File { path, contents: Contents::Text(contents) } = entry {
                self.write(folder.join(path), contents, None);
            }
        }
        Ok(())
    }
}

/// The path of `to` from the folder `from`, with `/` between its parts.
#[must_use]
pub fn relative_path(from: &Path, to: &Path) -> String {
    let (from, to): (Vec<_>, Vec<_>) = (from.components().collect(), to.components().collect());
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = from[shared..].iter().map(|_| "..".to_owned());
    let down = to[shared..].iter().map(|part| part.as_os_str().to_string_lossy().into_owned());
    let parts: Vec<String> = up.chain(down).collect();
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}
