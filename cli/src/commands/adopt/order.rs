//! Which crates of a workspace are brought in, and in which order.

use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, Package, TargetKind};
use miette::Diagnostic;
use thiserror::Error;

use crate::error::Failure;
use crate::exit::ExitCode;

#[derive(Debug, Error, Diagnostic)]
pub(super) enum PlacesError {
    #[error("no crate of the workspace `{}` can be an application", path.display())]
    Nobody {
        path: PathBuf,
        #[help]
        help: String,
    },
    #[error("`{}` and `{}` would both be copied to apps/{}", one.display(), other.display(), name.display())]
    #[diagnostic(help("bring in one of them by itself first, with `--into DIR`"))]
    SamePlace { one: PathBuf, other: PathBuf, name: PathBuf },
    #[error("`{}` is a workspace of several crates, which cannot all go into one folder", path.display())]
    #[diagnostic(help("leave out `--into`, or bring its crates in one by one"))]
    IntoOne { path: PathBuf },
}

impl Failure for PlacesError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::IntoOne { .. } => ExitCode::Usage,
            Self::Nobody { .. } | Self::SamePlace { .. } => ExitCode::Failed,
        }
    }
}

/// The crates of a workspace.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Crates {
    /// The folders of those that can be applications, each after those it depends on.
    pub(super) folders: Vec<PathBuf>,
    /// The names of the others, and why they stay.
    pub(super) others: Vec<(String, &'static str)>,
}

impl Crates {
    /// Whether each can be copied to a place of its own.
    pub(super) fn check_places(&self, from: &Path, has_one_place: bool) -> Result<(), PlacesError> {
        let path = from.to_owned();
        if has_one_place {
            return Err(PlacesError::IntoOne { path });
        }
        if self.folders.is_empty() {
            let others = self.others.iter().map(|(name, why)| format!("`{name}`: {why}"));
            return Err(PlacesError::Nobody { path, help: others.collect::<Vec<_>>().join("\n") });
        }
        match same_place(&self.folders) {
            Some((one, other)) => Err(PlacesError::SamePlace {
                one: one.to_owned(),
                other: other.to_owned(),
                name: one.file_name().unwrap_or_default().into(),
            }),
            None => Ok(()),
        }
    }
}

/// Whether what lies in `folder` is a crate, and not one with others below it.
pub(super) fn is_one_crate(metadata: &Metadata, folder: &Path) -> bool {
    let manifest = folder.join("Cargo.toml");
    let packages = metadata.workspace_packages();
    packages.iter().any(|package| package.manifest_path.as_std_path() == manifest)
        && (packages.len() == 1 || metadata.workspace_root.as_std_path() != folder)
}

/// The crates of a workspace.
pub(super) fn crates_of(metadata: &Metadata) -> Crates {
    let root = metadata.workspace_root.as_std_path();
    let mut crates = Crates::default();
    let mut open = metadata.workspace_packages();
    while !open.is_empty() {
        let waits = |package: &Package| {
            let below =
                |name: &str| open.iter().any(|other| other.name.as_str() == name && other.id != package.id);
            package.dependencies.iter().any(|dependency| dependency.path.is_some() && below(&dependency.name))
        };
        // Those that depend on each other in tests are taken as they come.
        let next = open.iter().position(|package| !waits(package)).unwrap_or(0);
        let package = open.remove(next);
        let folder = package.manifest_path.as_std_path().parent().unwrap_or(root);
        match why_it_stays(package, folder == root) {
            Some(why) => crates.others.push((package.name.to_string(), why)),
            None => crates.folders.push(folder.to_owned()),
        }
    }
    crates
}

fn why_it_stays(package: &Package, is_root: bool) -> Option<&'static str> {
    let has = |kind: &TargetKind| package.targets.iter().any(|target| target.kind.contains(kind));
    if is_root {
        Some("the folders of the others lie in its own")
    } else if has(&TargetKind::ProcMacro) {
        Some("it has macros, which run in the compiler and in no node")
    } else if !package.targets.iter().any(cargo_metadata::Target::is_lib) {
        Some("it has no library")
    } else {
        None
    }
}

/// Two folders that would be copied to the same place.
fn same_place(folders: &[PathBuf]) -> Option<(&Path, &Path)> {
    folders.iter().enumerate().find_map(|(at, folder)| {
        let same = |other: &&PathBuf| other.file_name() == folder.file_name();
        folders[at + 1..].iter().find(same).map(|other| (folder.as_path(), other.as_path()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_one_name_would_be_one() {
        let folders = ["/w/a/core", "/w/b", "/w/c/core"].map(PathBuf::from);
        assert_eq!(same_place(&folders), Some((Path::new("/w/a/core"), Path::new("/w/c/core"))));
        assert_eq!(same_place(&folders[1..]), None);
    }
}
