//! Where a node reads its configuration, at boot and whenever it is asked to read it again.

use std::ffi::OsString;
use std::path::PathBuf;

use super::boot::Placed;
use super::surroundings::umbrella_name;
use crate::config::{Config, LoadError, Source};

/// The files of a node, and the variables it was started with.
#[derive(Clone, Default)]
pub(crate) struct ConfigFiles {
    pub(crate) root: PathBuf,
    pub(crate) env: String,
    /// What environment variables may start with.
    pub(crate) prefixes: Vec<String>,
    pub(crate) variables: Vec<(String, String)>,
}

impl ConfigFiles {
    /// Those of a release in its place.
    pub(super) fn of(placed: &Placed) -> Self {
        let root = placed.surroundings.root.clone();
        let release = placed.release();
        let umbrella = placed.boot.umbrella.map(str::to_owned).or_else(|| umbrella_name(&root));
        let text = |(name, value): (&OsString, &OsString)| {
            Some((name.to_str()?.to_owned(), value.to_str()?.to_owned()))
        };
        Self {
            root,
            env: placed.surroundings.env.clone(),
            // The release is nearer than the umbrella, so it comes last and wins.
            prefixes: vec![umbrella.unwrap_or_else(|| release.to_owned()), release.to_owned()],
            variables: placed.inputs.variables.iter().filter_map(text).collect(),
        }
    }

    /// Reads the files.
    pub(crate) fn load(&self) -> Result<Config, LoadError> {
        let prefixes: Vec<_> = self.prefixes.iter().map(String::as_str).collect();
        let Self { root, env, variables, .. } = self;
        Config::load(&Source { root, env, prefixes: &prefixes, variables })
    }
}
