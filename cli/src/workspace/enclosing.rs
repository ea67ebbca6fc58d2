//! The umbrella around a folder, found without cargo.

use std::fs;
use std::path::{Path, PathBuf};

use toml_edit::Document;

/// The root of the innermost umbrella that `folder`, which need not exist, lies in.
///
/// Unlike [`Workspace::load`](super::Workspace::load) it looks beyond a workspace that is no umbrella, and calls no
/// cargo: it answers for a folder that is in no workspace yet.
#[must_use]
pub fn enclosing_umbrella(folder: &Path) -> Option<PathBuf> {
    let is_umbrella = |folder: &&Path| {
        fs::read_to_string(folder.join("Cargo.toml")).is_ok_and(|manifest| has_umbrella_table(&manifest))
    };
    folder.ancestors().find(is_umbrella).map(Path::to_owned)
}

fn has_umbrella_table(manifest: &str) -> bool {
    match Document::parse(manifest) {
        Ok(document) => {
            let metadata = document.get("workspace").and_then(|workspace| workspace.get("metadata"));
            metadata.and_then(|metadata| metadata.get("umbrella")).is_some()
        }
        // Half edited: cargo will say what is wrong with it.
        Err(_) => manifest.contains("[workspace.metadata.umbrella"),
    }
}
