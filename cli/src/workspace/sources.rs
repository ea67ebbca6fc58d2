//! The files of an umbrella that a plan may change, as they are now.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use thiserror::Error;

use super::{App, Workspace};
use crate::error::Failure;

/// The texts that a plan may change. Read once, so that planning is pure.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources {
    files: BTreeMap<PathBuf, String>,
}

/// A file that cannot be read.
#[derive(Debug, Error, Diagnostic)]
#[error("cannot read `{}`", path.display())]
pub struct SourcesError {
    path: PathBuf,
    #[source]
    source: io::Error,
}

impl Failure for SourcesError {}

impl Sources {
    /// Reads the root manifest, `config/config.toml` and the release crates.
    ///
    /// # Errors
    /// [`SourcesError`] if a file is there and cannot be read.
    pub fn read(workspace: &Workspace) -> Result<Self, SourcesError> {
        let mut paths = vec![workspace.manifest_path(), workspace.config_path()];
        for release in &workspace.releases {
            paths.extend([release.path.join("Cargo.toml"), release.path.join("src/main.rs")]);
        }
        Self::default().with(paths)
    }

    /// Reads these files too.
    ///
    /// # Errors
    /// [`SourcesError`] if a file is there and cannot be read.
    pub fn with(mut self, paths: impl IntoIterator<Item = PathBuf>) -> Result<Self, SourcesError> {
        for path in paths {
            match fs::read_to_string(&path) {
                Ok(text) => _ = self.files.insert(path, text),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(source) => return Err(SourcesError { path, source }),
            }
        }
        Ok(self)
    }

    /// Every file that was read, with its text.
    pub fn iter(&self) -> impl Iterator<Item = (&Path, &str)> {
        self.files.iter().map(|(path, text)| (path.as_path(), text.as_str()))
    }

    /// Gives a file this text, as if it had been read.
    pub fn set(&mut self, path: PathBuf, text: String) {
        self.files.insert(path, text);
    }

    /// The text of a file, if it is there.
    #[must_use]
    pub fn get(&self, path: &Path) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }
}

impl App {
    /// Whether it exports a `COUNTER` to which one can add, as a freshly made supervised application does.
    #[must_use]
    pub fn exports_counter(&self) -> bool {
        let holds = |file: &str, text: &str| {
            fs::read_to_string(self.path.join(file)).is_ok_and(|source| source.contains(text))
        };
        super::library::has_counter(holds)
    }
}
