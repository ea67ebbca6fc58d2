//! Where the new workspace finds the runtime.

use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::semver::VersionReq;
use umbrella_templates::Runtime;

use super::error::NewError;
use crate::plan::relative_path;
use crate::workspace::manifest::has_workspace_dependency;
use crate::workspace::{Sources, Workspace};

/// Where the new workspace finds the runtime.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Runtime options")]
pub(in crate::commands) struct RuntimeArgs {
    /// Use the runtime in this folder
    #[arg(long, value_name = "PATH")]
    runtime_path: Option<PathBuf>,
    /// Use the runtime in this git repository
    #[arg(long, value_name = "URL", requires = "rev", conflicts_with = "runtime_path")]
    runtime_git: Option<String>,
    /// The revision of --runtime-git
    #[arg(long, value_name = "REV", requires = "runtime_git")]
    rev: Option<String>,
    /// Use this version of the runtime from the registry
    #[arg(long, value_name = "VERSION", conflicts_with_all = ["runtime_path", "runtime_git"])]
    runtime_version: Option<String>,
}

impl RuntimeArgs {
    /// The runtime of a workspace at `root`: as the flags say; else the checkout that this program was built from, as
    /// long as it is there; else the version of this program.
    pub(super) fn resolve(&self, base: &Path, root: &Path) -> Result<Runtime, NewError> {
        if let Some(path) = &self.runtime_path {
            let path = base.join(path);
            return from_folder(&path, root).ok_or(NewError::NoRuntime { path });
        }
        if let (Some(url), Some(rev)) = (&self.runtime_git, &self.rev) {
            return Ok(Runtime::Git { url: url.clone(), rev: rev.clone() });
        }
        if let Some(version) = &self.runtime_version {
            return match VersionReq::parse(version) {
                Ok(_) => Ok(Runtime::Version(version.clone())),
                Err(_) => Err(NewError::NotAVersion { version: version.clone() }),
            };
        }
        Ok(own_runtime(root))
    }

    /// The runtime of an umbrella that is there: what its manifest says stays.
    pub(in crate::commands) fn resolve_for_existing(
        &self,
        base: &Path,
        workspace: &Workspace,
        sources: &Sources,
    ) -> Result<Runtime, NewError> {
        let manifest = workspace.manifest_path();
        let is_known = has_workspace_dependency(sources.get(&manifest).unwrap_or_default(), "umbrella");
        if is_known && (self.runtime_path.is_some() || self.rev.is_some() || self.runtime_version.is_some()) {
            return Err(NewError::RuntimeIsKnown { manifest });
        }
        self.resolve(base, &workspace.root)
    }
}

/// The checkout that this program was built from, as long as it is there; else the version of this program.
pub(in crate::commands) fn own_runtime(root: &Path) -> Runtime {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime");
    let published = || Runtime::Version(env!("CARGO_PKG_VERSION").to_owned());
    from_folder(&checkout, root).unwrap_or_else(published)
}

/// Relative when the new workspace lies in the runtime's own checkout, so that the two can be moved together.
fn from_folder(folder: &Path, root: &Path) -> Option<Runtime> {
    let folder = folder.canonicalize().ok()?;
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).ok()?;
    let document = toml_edit::Document::parse(manifest.as_str()).ok()?;
    let name = document.get("package").and_then(|package| package.get("name"));
    if name.and_then(toml_edit::Item::as_str) != Some("umbrella-runtime") {
        return None;
    }
    let path = match folder.parent() {
        Some(checkout) if root.starts_with(checkout) => relative_path(root, &folder),
        _ => folder.to_str()?.to_owned(),
    };
    Some(Runtime::Path(path))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use umbrella_templates::Runtime;

    use super::from_folder;

    #[test]
    fn the_path_is_relative_within_the_checkout_and_absolute_outside() {
        let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime").canonicalize().unwrap();
        let path = |root: &Path| from_folder(&runtime, root);
        let example = runtime.parent().unwrap().join("examples/abc");
        assert_eq!(path(&example), Some(Runtime::Path("../../runtime".into())));
        assert_eq!(path(Path::new("/elsewhere/abc")), Some(Runtime::Path(runtime.to_str().unwrap().into())));
    }

    #[test]
    fn a_folder_with_another_package_is_not_the_runtime() {
        assert_eq!(from_folder(Path::new(env!("CARGO_MANIFEST_DIR")), Path::new("/elsewhere")), None);
    }
}
