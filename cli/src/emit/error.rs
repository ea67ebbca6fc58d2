//! Why a plan was not executed.

use std::io;
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use thiserror::Error;

use crate::error::Failure;
use crate::exit::ExitCode;

/// Why a plan was not executed.
#[derive(Debug, Error, Diagnostic)]
#[non_exhaustive]
pub enum EmitError {
    /// Something is where a new file or folder was to be.
    #[error("`{}` already exists", path.display())]
    #[diagnostic(help("nothing was changed: choose another name, or move it away"))]
    Exists {
        /// What is there.
        path: PathBuf,
    },
    /// A file was changed by somebody else meanwhile.
    #[error("`{}` was changed by somebody else meanwhile", path.display())]
    #[diagnostic(help("nothing was changed: run the command again"))]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// The system refused.
    #[error("cannot {action} `{}`", path.display())]
    #[diagnostic(help("nothing was changed"))]
    Io {
        /// What was tried: `write`, `rename`, ...
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Ctrl-C.
    #[error("interrupted")]
    #[diagnostic(help("nothing was changed"))]
    Interrupted,
    /// A step failed, and an earlier one could not be undone.
    #[error("{failure}; and `{}` could not be restored", path.display())]
    #[diagnostic(help("look at `{}` before you go on", path.display()))]
    NotUndone {
        /// Why the plan failed.
        failure: Box<EmitError>,
        /// What is not as it was.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl Failure for EmitError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Interrupted => ExitCode::Interrupted,
            Self::Exists { .. } | Self::Changed { .. } | Self::Io { .. } | Self::NotUndone { .. } => {
                ExitCode::Failed
            }
        }
    }
}

/// Names the path and the action an [`io::Error`] is about.
pub(super) fn at<'a>(action: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> EmitError + use<'a> {
    move |source| {
        if matches!(source.kind(), io::ErrorKind::AlreadyExists | io::ErrorKind::DirectoryNotEmpty) {
            EmitError::Exists { path: path.to_owned() }
        } else {
            EmitError::Io { action, path: path.to_owned(), source }
        }
    }
}
