//! Whether a name is free in an umbrella.

use super::error::NewError;
use crate::workspace::manifest::has_workspace_dependency;
use crate::workspace::{AppName, Sources, Workspace, suggest};

/// Refuses a name that something in the umbrella has.
pub(super) fn check_free(name: &AppName, workspace: &Workspace, sources: &Sources) -> Result<(), NewError> {
    match holder(name.as_str(), workspace, sources) {
        None => Ok(()),
        Some(by) => {
            let suggestion = suggest(name.as_str(), |near| holder(near, workspace, sources).is_none());
            Err(NewError::Taken { name: name.to_string(), by, suggestion })
        }
    }
}

/// Who has the name. Packages whose names differ in `-` and `_` only are one crate to Rust.
fn holder(name: &str, workspace: &Workspace, sources: &Sources) -> Option<String> {
    let same = |other: &str| other.replace('-', "_") == name;
    let manifest = sources.get(&workspace.manifest_path()).unwrap_or_default();
    if let Some(app) = workspace.apps.iter().find(|app| same(app.name.as_str())) {
        let folder = app.path.strip_prefix(&workspace.root).unwrap_or(&app.path);
        let place = if folder.as_os_str().is_empty() { "the root".into() } else { folder.to_string_lossy() };
        Some(format!("the application in `{place}`"))
    } else if same(workspace.name.as_str()) {
        Some("this umbrella".to_owned())
    } else if workspace.crates.iter().any(|krate| same(krate)) {
        Some("a crate of this workspace".to_owned())
    } else if workspace.releases.iter().any(|release| same(release.name.as_str()) || same(&release.package)) {
        Some("a release of this umbrella".to_owned())
    } else if has_workspace_dependency(manifest, name) {
        Some("a dependency in [workspace.dependencies]".to_owned())
    } else {
        None
    }
}
