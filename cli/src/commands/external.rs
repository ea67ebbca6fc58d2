//! Words that are no verb of ours: aliases of the umbrella, and plugins.
//!
//! As in cargo, our own verbs come first, then aliases, then programs `umbrella-<word>` on the path.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use clap::CommandFactory;
use miette::Diagnostic;
use thiserror::Error;

use super::Cli;
use super::usage::UsageError;
use crate::error::{CommandError, Failure};
use crate::exit::ExitCode;
use crate::run::plugin;
use crate::session::Session;

/// What a plugin's program is called before its own name.
const PREFIX: &str = "umbrella-";

/// What comes of a word.
pub(super) enum External {
    /// Other words instead of it.
    Alias(Vec<OsString>),
    /// It was done.
    Done(ExitCode),
}

#[derive(Debug, Error, Diagnostic)]
enum AliasError {
    #[error("the alias `{name}` says nothing")]
    #[diagnostic(help("it is a line, or a list of words, in [workspace.metadata.umbrella.aliases]"))]
    Empty { name: String },
    #[error("the alias `{name}` ends in itself")]
    #[diagnostic(help("it is defined in [workspace.metadata.umbrella.aliases] of Cargo.toml"))]
    Circle { name: String },
}

impl Failure for AliasError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Usage
    }
}

/// Finds out what `words`, of which the first is no verb, mean; `seen` are the aliases that led here.
pub(super) fn resolve(
    words: &[OsString],
    seen: &mut Vec<String>,
    session: &Session,
) -> Result<External, CommandError> {
    let (name, rest) =
        words.split_first().map(|(name, rest)| (name.to_string_lossy(), rest)).unwrap_or_default();
    let name = name.into_owned();
    let aliases = session.aliases();
    if let Some(meaning) = aliases.get(&name) {
        if meaning.is_empty() {
            return Err(AliasError::Empty { name }.into());
        }
        if seen.contains(&name) {
            return Err(AliasError::Circle { name }.into());
        }
        seen.push(name);
        return Ok(External::Alias(meaning.iter().map(OsString::from).chain(rest.iter().cloned()).collect()));
    }
    let plugins = plugins(session);
    match plugins.get(&name) {
        // Only comes back if it could not be run.
        Some(program) => Err(plugin::exec(program, rest, &session.cwd, session.program().as_deref()).into()),
        None => {
            let others = aliases.keys().chain(plugins.keys()).map(String::as_str);
            Err(UsageError::no_such_command(&name, &Cli::command(), others).into())
        }
    }
}

/// The plugins on the path, by name; of two the first one on the path.
pub(super) fn plugins(session: &Session) -> BTreeMap<String, PathBuf> {
    let mut found = BTreeMap::new();
    for folder in session.path() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let file = entry.file_name();
            let Some(name) = file.to_str().and_then(|file| file.strip_prefix(PREFIX)) else { continue };
            let runs = fs::metadata(entry.path())
                .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0);
            if runs && !name.is_empty() {
                found.entry(name.to_owned()).or_insert_with(|| entry.path());
            }
        }
    }
    found
}
