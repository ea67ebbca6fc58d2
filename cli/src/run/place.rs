//! Where the nodes of an umbrella run: its root, its environment, its run folder. Found without cargo.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use thiserror::Error;

use super::state::RunDir;
use crate::error::Failure;
use crate::exit::ExitCode;
use crate::session::Session;
use crate::workspace::LoadError;

/// The environment that nodes are configured for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Env {
    /// Development: the default in a workspace.
    #[default]
    Dev,
    /// What tests run in.
    Test,
    /// Production: the default in a bundle.
    Prod,
}

/// Where the nodes of an umbrella run.
#[derive(Clone, Debug)]
pub struct Place {
    /// The folder of the root manifest.
    pub root: PathBuf,
    /// The environment.
    pub env: Env,
    /// The run folder of the two.
    pub dir: RunDir,
}

/// `UMBRELLA_ENV` is none of the three.
#[derive(Debug, Clone, PartialEq, Eq, Error, Diagnostic)]
#[error("UMBRELLA_ENV is `{value}`")]
#[diagnostic(help("it is one of dev, test and prod"))]
pub struct UnknownEnv {
    value: String,
}

impl Failure for UnknownEnv {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Usage
    }
}

impl Env {
    /// `dev`, `test` or `prod`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Test => "test",
            Self::Prod => "prod",
        }
    }

    /// The environment asked for, else that of `UMBRELLA_ENV`, else `dev`.
    ///
    /// # Errors
    /// [`UnknownEnv`].
    pub fn choose(asked: Option<Self>, session: &Session) -> Result<Self, UnknownEnv> {
        match (asked, session.var("UMBRELLA_ENV")) {
            (Some(env), _) => Ok(env),
            (None, None) => Ok(Self::Dev),
            (None, Some(value)) => {
                let known = [Self::Dev, Self::Test, Self::Prod].into_iter().find(|env| value == env.as_str());
                known.ok_or_else(|| UnknownEnv { value: value.to_string_lossy().into_owned() })
            }
        }
    }
}

impl fmt::Display for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Place {
    /// The place of the umbrella that the session is in, found by walking up.
    ///
    /// # Errors
    /// [`LoadError::NoManifest`] if there is none.
    pub fn find(session: &Session, env: Env) -> Result<Self, LoadError> {
        let start = session.start_dir();
        let root = start.ancestors().find(|folder| is_umbrella(&folder.join("Cargo.toml")));
        let root = root.ok_or_else(|| LoadError::NoManifest { start: start.to_owned() })?;
        Ok(Self::of(session, root, env))
    }

    /// The place of the umbrella at `root`.
    #[must_use]
    pub fn of(session: &Session, root: &Path, env: Env) -> Self {
        let dir = match session.var("UMBRELLA_RUN_DIR") {
            Some(path) => RunDir::new(session.cwd.join(path)),
            None => RunDir::of_workspace(root, env.as_str()),
        };
        Self { root: root.to_owned(), env, dir }
    }
}

/// Whether this manifest has the table that makes a workspace an umbrella.
fn is_umbrella(manifest: &Path) -> bool {
    let Ok(text) = fs::read_to_string(manifest) else { return false };
    // Most manifests on the way up do not even mention us.
    text.contains("umbrella")
        && toml_edit::Document::parse(text.as_str()).is_ok_and(|document| {
            let table = document.get("workspace").and_then(|item| item.get("metadata"));
            table.is_some_and(|metadata| metadata.get("umbrella").is_some())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_umbrella_is_a_workspace_with_our_table() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let manifest = folder.path().join("Cargo.toml");
        assert!(!is_umbrella(&manifest));
        for (text, expected) in [
            ("[workspace]\n[workspace.metadata.umbrella]\nname = \"abc\"\n", true),
            ("[workspace.metadata]\numbrella = { name = \"abc\" }\n", true),
            ("[package.metadata.umbrella]\nlibrary = true\n", false),
            ("[workspace.metadata.umbrella", false),
        ] {
            fs::write(&manifest, text).expect("a manifest");
            assert_eq!(is_umbrella(&manifest), expected, "{text}");
        }
    }
}
