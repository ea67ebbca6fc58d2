//! What is known of an umbrella, broken or not: gathered once, and judged without looking again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::Finding;
use crate::workspace::{Sources, Workspace};

/// What is known of an umbrella.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The folder of the root manifest, absolute.
    pub root: PathBuf,
    /// The umbrella as cargo sees it, or why cargo cannot.
    pub workspace: Result<Workspace, Box<Finding>>,
    /// The texts of its files: manifests, release crates, sources of applications, `config/`, `Cargo.lock`, `.gitignore`.
    pub sources: Sources,
    /// The folders with a `Cargo.toml`, `.` among them, without those of workspaces of their own.
    pub manifests: BTreeSet<String>,
    /// The folders that a pattern of members covers, and that have no `Cargo.toml`.
    pub bare_folders: Vec<String>,
    /// Those of the [named folders](super::named_folders) that are no crates.
    pub missing: BTreeSet<String>,
    /// What each member's library is written in, by its folder.
    pub code: BTreeMap<String, Vec<PathBuf>>,
    /// The names of files in `config/`.
    pub configuration: Vec<String>,
    /// The umbrella's own templates, by folder, each with what is wrong with it.
    pub templates: BTreeMap<String, Option<String>>,
    /// The words that can be typed.
    pub words: Words,
    /// What is around the umbrella.
    pub machine: Machine,
    /// What this command line generates.
    pub own: Own,
}

/// The words that can be typed after `umbrella`.
#[derive(Debug, Clone, Default)]
pub struct Words {
    /// The commands.
    pub verbs: Vec<String>,
    /// The programs `umbrella-<name>`.
    pub plugins: Vec<String>,
    /// What each alias stands for.
    pub aliases: BTreeMap<String, Vec<String>>,
}

/// What is around an umbrella.
#[derive(Debug, Clone, Default)]
pub struct Machine {
    /// The version of the compiler.
    pub toolchain: Option<String>,
    /// What is not installed.
    pub missing_tools: Vec<Tool>,
    /// Whether git ignores what is built; nothing if nobody asks git here.
    pub ignores_target: Option<bool>,
    /// What nodes left behind that are gone.
    pub stale_nodes: Vec<StaleNode>,
    /// What interrupted commands of ours left behind.
    pub leftovers: Vec<String>,
}

/// A tool that a command uses where it is installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tool {
    /// What it is called.
    pub name: &'static str,
    /// What it is needed for.
    pub used_by: &'static str,
    /// How it is installed.
    pub install: &'static str,
}

/// A run file whose node is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaleNode {
    /// The node.
    pub name: String,
    /// Its run file.
    pub path: PathBuf,
    /// Whether the file says which process it was; another one cannot be read.
    pub pid: Option<u32>,
}

/// What this command line generates.
#[derive(Debug, Clone)]
pub struct Own {
    /// The version of the runtime.
    pub version: &'static str,
    /// The compiler that the runtime needs.
    pub rust_version: &'static str,
    /// The runtime as a dependency, as TOML.
    pub runtime: String,
}

impl Facts {
    /// The text of a file, by its path from the root.
    pub(super) fn text(&self, file: &str) -> Option<&str> {
        self.sources.get(&self.root.join(file))
    }

    /// The root manifest.
    pub(super) fn manifest(&self) -> &str {
        self.text("Cargo.toml").unwrap_or_default()
    }

    /// The sources of the member in `folder`.
    pub(super) fn code_of(&self, folder: &str) -> impl Iterator<Item = (&Path, &str)> {
        let files = self.code.get(folder).into_iter().flatten();
        files.filter_map(|path| Some((path.as_path(), self.sources.get(path)?)))
    }

    /// A path as people type it from the root.
    pub(super) fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).to_string_lossy().replace('\\', "/")
    }
}

/// The manifest in a folder, relative to the root.
pub(super) fn manifest_in(folder: &str) -> String {
    if folder == "." { "Cargo.toml".to_owned() } else { format!("{folder}/Cargo.toml") }
}
