//! What every command is given: where it runs, where it speaks, which cargo it calls.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use thiserror::Error;

use crate::cargo::Cargo;
use crate::emit::Interrupt;
use crate::error::Failure;
use crate::exit::ExitCode;
use crate::shell::{ColourChoice, Shell, Verbosity};
use crate::workspace::{LoadError, Workspace, aliases};

/// One run of the command line. Built in `main`, passed down; there are no globals.
#[derive(Debug)]
pub struct Session {
    /// Where the command speaks.
    pub shell: Shell,
    /// The folder the command runs in (`-C`), absolute.
    pub cwd: PathBuf,
    /// `--manifest-path`, absolute.
    pub manifest_path: Option<PathBuf>,
    /// The cargo to call.
    pub cargo: Cargo,
    /// Ctrl-C while files are written.
    pub interrupt: Interrupt,
}

/// The global flags a session is made of.
#[derive(Debug, Default)]
pub struct SessionOptions {
    /// `-C DIR`.
    pub directory: Option<PathBuf>,
    /// `--manifest-path PATH`.
    pub manifest_path: Option<PathBuf>,
    /// `--color WHEN`.
    pub colour: Option<ColourChoice>,
    /// `-q`, `-v`.
    pub verbosity: Verbosity,
}

/// Why no session could be made.
#[derive(Debug, Error, Diagnostic)]
#[non_exhaustive]
pub enum SessionError {
    /// There is no current directory.
    #[error("the current directory is not there")]
    NoCurrentDirectory(#[source] io::Error),
    /// `-C` names no folder.
    #[error("cannot change to `{}`", path.display())]
    NoSuchDirectory {
        /// What `-C` named.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// `--manifest-path` names no file.
    #[error("manifest path `{}` does not exist", path.display())]
    #[diagnostic(help(
        "`--manifest-path` names the Cargo.toml of an umbrella or of one of its applications"
    ))]
    NoSuchManifest {
        /// What `--manifest-path` named.
        path: PathBuf,
    },
}

impl Failure for SessionError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::NoCurrentDirectory(_) => ExitCode::Failed,
            Self::NoSuchDirectory { .. } | Self::NoSuchManifest { .. } => ExitCode::Usage,
        }
    }
}

impl Session {
    /// Makes the session of this process.
    ///
    /// # Errors
    /// [`SessionError`] if a path among the options is not there.
    pub fn new(options: SessionOptions) -> Result<Self, SessionError> {
        let here = env::current_dir().map_err(SessionError::NoCurrentDirectory)?;
        let cwd = match options.directory {
            None => here,
            Some(path) => change(&here, path)?,
        };
        let manifest_path = match options.manifest_path {
            None => None,
            Some(path) => Some(
                cwd.join(&path)
                    .canonicalize()
                    .ok()
                    .filter(|full| full.is_file())
                    .ok_or(SessionError::NoSuchManifest { path })?,
            ),
        };
        let colour = ColourChoice::decide(
            options.colour,
            env::var_os("CARGO_TERM_COLOR").as_deref(),
            env::var_os("NO_COLOR").as_deref(),
        );
        let shell = Shell::new(options.verbosity, colour);
        let cargo = Cargo::new(env::vars_os().collect(), cwd.clone());
        Ok(Self { shell, cwd, manifest_path, cargo, interrupt: Interrupt::default() })
    }

    /// The folder from which the umbrella is looked for: that of `--manifest-path`, else the current one.
    #[must_use]
    pub fn start_dir(&self) -> &Path {
        self.manifest_path.as_deref().and_then(Path::parent).unwrap_or(&self.cwd)
    }

    /// Loads the umbrella this session is in.
    ///
    /// # Errors
    /// [`LoadError`] if there is none, or if cargo cannot read it.
    pub fn load_workspace(&self) -> Result<Workspace, LoadError> {
        Workspace::load(&self.cargo, self.start_dir())
    }

    /// The words that the umbrella this session is in has made its own; none outside of one.
    #[must_use]
    pub fn aliases(&self) -> BTreeMap<String, Vec<String>> {
        aliases(self.start_dir())
    }

    /// An environment variable of this process.
    #[must_use]
    pub fn var(&self, name: &str) -> Option<OsString> {
        env::var_os(name)
    }

    /// The folders in which programs are looked for.
    #[must_use]
    pub fn path(&self) -> Vec<PathBuf> {
        env::split_paths(&env::var_os("PATH").unwrap_or_default()).collect()
    }

    /// The program that this is.
    #[must_use]
    pub fn program(&self) -> Option<PathBuf> {
        env::current_exe().ok()
    }

    /// The environment of this process, as far as it is text.
    #[must_use]
    pub fn vars(&self) -> Vec<(String, String)> {
        let text =
            |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
        env::vars_os().filter_map(text).collect()
    }

    /// A path as the user would type it from the current folder; absolute when it lies elsewhere.
    #[must_use]
    pub fn display_path(&self, path: &Path) -> String {
        match path.strip_prefix(&self.cwd) {
            Ok(relative) if relative.as_os_str().is_empty() => ".".to_owned(),
            Ok(relative) => relative.display().to_string(),
            Err(_) => path.display().to_string(),
        }
    }
}

fn change(here: &Path, path: PathBuf) -> Result<PathBuf, SessionError> {
    let full = here.join(&path);
    match full.canonicalize() {
        Ok(folder) if folder.is_dir() => Ok(folder),
        Ok(_) => Err(SessionError::NoSuchDirectory { path, source: io::ErrorKind::NotADirectory.into() }),
        Err(source) => Err(SessionError::NoSuchDirectory { path, source }),
    }
}
