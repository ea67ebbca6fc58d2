//! Programs that add verbs.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use miette::Diagnostic;
use thiserror::Error;

use crate::error::Failure;

/// A plugin that could not be run.
#[derive(Debug, Error, Diagnostic)]
#[error("could not run `{}`", program.display())]
pub struct PluginError {
    program: PathBuf,
    #[source]
    source: io::Error,
}

impl Failure for PluginError {}

/// Becomes the plugin, in the folder `cwd`; `umbrella`, the program that called it, is `UMBRELLA` in its
/// environment, as `CARGO` is for cargo's. Comes back only with an error.
pub fn exec(program: &Path, args: &[OsString], cwd: &Path, umbrella: Option<&Path>) -> PluginError {
    let mut command = Command::new(program);
    command.args(args).current_dir(cwd);
    command.envs(umbrella.map(|umbrella| ("UMBRELLA", umbrella)));
    PluginError { program: program.to_owned(), source: command.exec() }
}
