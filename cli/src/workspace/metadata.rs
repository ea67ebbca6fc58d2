//! The tables `[workspace.metadata.umbrella]` and `[package.metadata.umbrella]`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use miette::{Diagnostic, NamedSource, SourceSpan};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

use super::alias::Alias;
use super::{Rules, StartType};
use crate::error::Failure;
use crate::exit::ExitCode;

/// `[workspace.metadata.umbrella]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WorkspaceTable {
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) deployments: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) rules: Rules,
    /// Read by [`aliases`](super::aliases), before there is a workspace; here only so that mistakes are found.
    #[serde(default, rename = "aliases")]
    pub(super) _aliases: BTreeMap<String, Alias>,
}

/// `[package.metadata.umbrella]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PackageTable {
    pub(super) application: Option<String>,
    pub(super) start: Option<StartType>,
    #[serde(default)]
    pub(super) library: bool,
    #[serde(default)]
    pub(super) release: bool,
}

/// An umbrella table that cannot be used.
#[derive(Debug, Error, Diagnostic)]
#[error("`[{table}]` cannot be used: {message}")]
pub struct MetadataTableError {
    table: &'static str,
    message: String,
    #[source_code]
    manifest: NamedSource<String>,
    #[label]
    at: SourceSpan,
    #[help]
    help: Option<String>,
}

impl Failure for MetadataTableError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::MetadataFailed
    }
}

pub(super) const WORKSPACE_TABLE: &str = "workspace.metadata.umbrella";
pub(super) const PACKAGE_TABLE: &str = "package.metadata.umbrella";

/// Reads the table `umbrella` of what cargo returned as metadata; `None` if it is not there.
pub(super) fn read_table<T: DeserializeOwned>(
    metadata: &serde_json::Value,
    table: &'static str,
    root: &Path,
    manifest: &Path,
) -> Result<Option<T>, Box<MetadataTableError>> {
    let Some(umbrella) = metadata.get("umbrella") else { return Ok(None) };
    match T::deserialize(umbrella) {
        Ok(table) => Ok(Some(table)),
        Err(error) => Err(Box::new(located(&error.to_string(), table, root, manifest, None))),
    }
}

/// The error of a table whose keys contradict each other.
pub(super) fn contradiction(
    message: &str,
    root: &Path,
    manifest: &Path,
    help: &str,
) -> Box<MetadataTableError> {
    Box::new(located(message, PACKAGE_TABLE, root, manifest, Some(help.to_owned())))
}

/// Finds the key that `message` names in the manifest; cargo's JSON has no positions.
fn located(
    message: &str,
    table: &'static str,
    root: &Path,
    manifest: &Path,
    help: Option<String>,
) -> MetadataTableError {
    let text = fs::read_to_string(manifest).unwrap_or_default();
    let at = span_of(&text, table, message.split('`').nth(1)).unwrap_or_default();
    let name: PathBuf = manifest.strip_prefix(root).unwrap_or(manifest).to_owned();
    let manifest = NamedSource::new(name.display().to_string(), text);
    MetadataTableError { table, message: message.to_owned(), manifest, at: at.into(), help }
}

fn span_of(text: &str, table: &str, key: Option<&str>) -> Option<std::ops::Range<usize>> {
    let document = toml_edit::Document::parse(text).ok()?;
    let mut item = document.as_item();
    for part in table.split('.') {
        item = item.get(part)?;
    }
    let of_key = key.and_then(|key| item.as_table_like()?.get_key_value(key)?.0.span());
    of_key.or_else(|| item.span())
}
