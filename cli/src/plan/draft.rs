//! A plan in the making: keeps the order in which every intermediate tree is one that cargo accepts.

use std::path::{Path, PathBuf};

use super::{Entry, Plan, PlanError, Step};
use crate::workspace::{Sources, Workspace, manifest};

/// Entries of ours, as they can stand in a workspace with this root manifest.
pub(super) fn fitted(entries: Vec<Entry>, root_manifest: &str) -> Vec<Entry> {
    let fit = |entry: Entry| match entry {
        Entry::File { path, contents } if path.ends_with("Cargo.toml") => {
            Entry::File { contents: contents.map(|text| manifest::fitted(text, root_manifest)), path }
        }
        Entry::File { .. } | Entry::Folder(_) => entry,
    };
    entries.into_iter().map(fit).collect()
}

/// What is going to change in an umbrella that is there.
pub(super) struct Draft<'a> {
    workspace: &'a Workspace,
    pub(super) sources: &'a Sources,
    pub(super) trees: Vec<Step>,
    manifest: String,
    members: Vec<String>,
    /// What is added to `[workspace.dependencies]`, where that is told.
    dependencies: Vec<String>,
    /// What else changes in the root manifest, for people.
    said: Vec<String>,
    files: Plan,
}

impl<'a> Draft<'a> {
    pub(super) fn new(workspace: &'a Workspace, sources: &'a Sources) -> Self {
        let manifest = sources.get(&workspace.manifest_path()).unwrap_or_default().to_owned();
        let (trees, members, dependencies, said) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { workspace, sources, trees, manifest, members, dependencies, said, files: Plan::default() }
    }

    pub(super) fn add_tree(&mut self, folder: PathBuf, entries: Vec<Entry>) {
        let entries = fitted(entries, &self.manifest);
        self.trees.push(Step::NewTree { folder, entries });
    }

    /// The root manifest, as far as it is changed.
    pub(super) fn manifest(&self) -> &str {
        &self.manifest
    }

    /// Makes `member` a member of the workspace.
    pub(super) fn add_member(&mut self, member: &str) -> Result<(), PlanError> {
        self.manifest = manifest::add_member(&self.manifest, member)?;
        self.members.push(member.to_owned());
        Ok(())
    }

    /// Adds to `[workspace.dependencies]` what is not there.
    pub(super) fn add_dependency(&mut self, name: &str, value: &str) -> Result<(), PlanError> {
        self.manifest = manifest::add_workspace_dependency(&self.manifest, name, value)?;
        Ok(())
    }

    /// The same, told by name: where the workspace is not of our making, no line is added that is not announced.
    pub(super) fn announce_dependency(&mut self, name: &str, value: &str) -> Result<(), PlanError> {
        if !manifest::has_workspace_dependency(&self.manifest, name) {
            self.dependencies.push(name.to_owned());
        }
        self.add_dependency(name, value)
    }

    /// Gives a file new contents.
    pub(super) fn write(&mut self, path: PathBuf, contents: String, summary: Option<String>) {
        match self.sources.get(&path) {
            Some(old) => self.files.replace(path, old, contents, summary),
            None => self.files.steps.push(Step::NewFile { path, contents: contents.into() }),
        }
    }

    /// The manifest of a member as it will be: that of the root may be one.
    pub(super) fn manifest_of(&self, path: &Path) -> String {
        if *path == self.workspace.manifest_path() {
            self.manifest.clone()
        } else {
            self.sources.get(path).unwrap_or_default().to_owned()
        }
    }

    /// Gives the manifest of a member new contents.
    pub(super) fn write_manifest(&mut self, path: PathBuf, contents: String, summary: String) {
        if path == self.workspace.manifest_path() {
            self.manifest = contents;
            self.said.push(summary);
        } else {
            self.write(path, contents, Some(summary));
        }
    }

    /// New crates first: nobody refers to them yet. Then the root manifest, which knows them. Then what uses them: the
    /// configuration, the manifest of a release, its program. Whoever stops in between leaves a workspace that builds.
    pub(super) fn into_plan(self) -> Plan {
        let mut plan = Plan { steps: self.trees };
        let path = self.workspace.manifest_path();
        let old = self.sources.get(&path).unwrap_or_default();
        let added = |what: &str, names: &[String]| {
            (!names.is_empty()).then(|| format!("{what} += {}", names.join(", ")))
        };
        let added = [added("members", &self.members), added("dependencies", &self.dependencies)];
        let said: Vec<String> = added.into_iter().flatten().chain(self.said).collect();
        let summary = (!said.is_empty()).then(|| said.join(", "));
        plan.replace(path, old, self.manifest, summary);
        plan.steps.extend(self.files.steps);
        plan
    }
}
