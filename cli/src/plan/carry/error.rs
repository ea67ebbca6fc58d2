//! Why a crate cannot be brought in.

use std::path::PathBuf;

use miette::Diagnostic;
use thiserror::Error;

use crate::error::Failure;

/// Why a crate cannot be brought in.
#[derive(Debug, Error, Diagnostic)]
#[non_exhaustive]
pub enum CarryError {
    /// Its manifest, or that of its workspace, is no TOML.
    #[error("`{}` is not valid TOML", path.display())]
    NotToml {
        /// Which.
        path: PathBuf,
    },
    /// It inherits what its workspace does not have.
    #[error("it inherits `{key}`, which the workspace it comes from does not have")]
    NotInherited {
        /// What.
        key: String,
    },
    /// A source of it lies elsewhere.
    #[error("its `{key}` is outside of its folder: `{path}`")]
    #[diagnostic(help("move the file into the crate first: only what is in its folder is copied"))]
    Elsewhere {
        /// The key in its manifest.
        key: String,
        /// The path there.
        path: String,
    },
    /// Its workspace replaces what it depends on.
    #[error("the workspace it comes from has another `{package}`, in `[{table}]`")]
    #[diagnostic(help(
        "say the same in Cargo.toml of this umbrella first: only the root of a workspace can"
    ))]
    Patched {
        /// What it depends on.
        package: String,
        /// Where that is said.
        table: String,
    },
}

impl Failure for CarryError {}
