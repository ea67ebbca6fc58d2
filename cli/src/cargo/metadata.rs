//! `cargo metadata`, as fast as it goes: no dependencies, no lock file, no network.

use std::io;
use std::path::Path;

use cargo_metadata::Metadata;
use miette::Diagnostic;
use thiserror::Error;

use super::Cargo;
use crate::error::Failure;
use crate::exit::ExitCode;

/// Why cargo gave no metadata.
#[derive(Debug, Error, Diagnostic)]
#[non_exhaustive]
pub enum MetadataError {
    /// Cargo is not there.
    #[error("could not run cargo")]
    #[diagnostic(help(
        "umbrella needs cargo: install Rust from https://rustup.rs, or set CARGO to its path"
    ))]
    NotRun(#[source] io::Error),
    /// Cargo refused the workspace.
    #[error("cargo could not read this workspace\n\n{}", indented(message))]
    Refused {
        /// What cargo wrote, without its `error: `.
        message: String,
    },
    /// Cargo's answer is not what this version of umbrella understands.
    #[error("cargo's answer to `cargo metadata` was not understood")]
    NotUnderstood(#[source] serde_json::Error),
}

impl Failure for MetadataError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::MetadataFailed
    }
}

impl Cargo {
    /// The members of the workspace of `manifest_path`, without what they depend on outside of it.
    ///
    /// # Errors
    /// [`MetadataError`] if cargo cannot be run or refuses the workspace.
    pub fn metadata(&self, manifest_path: &Path) -> Result<Metadata, MetadataError> {
        let output = self
            .command()
            .args([
                "metadata",
                "--format-version",
                "1",
                "--no-deps",
                "--offline",
                "--color",
                "never",
                "--manifest-path",
            ])
            .arg(manifest_path)
            .output()
            .map_err(MetadataError::NotRun)?;
        if !output.status.success() {
            let text = String::from_utf8_lossy(&output.stderr);
            let message = text.trim().trim_start_matches("error: ").to_owned();
            return Err(MetadataError::Refused { message });
        }
        serde_json::from_slice(&output.stdout).map_err(MetadataError::NotUnderstood)
    }
}

fn indented(message: &str) -> String {
    let lines: Vec<String> = message.lines().map(|line| format!("  {line}")).collect();
    lines.join("\n")
}
