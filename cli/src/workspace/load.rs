//! From `cargo metadata` to the model.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind as Kind, Metadata, Package};
use miette::Diagnostic;
use thiserror::Error;

use super::metadata::{
    MetadataTableError, PACKAGE_TABLE, PackageTable, WORKSPACE_TABLE, WorkspaceTable, contradiction,
    read_table,
};
use super::{
    App, AppKind, AppName, Dependency, DependencyKind, Member as AnyMember, MemberRole, ReleaseCrate,
    ReleaseName, Workspace, in_dependency_order,
};
use crate::cargo::{Cargo, MetadataError};
use crate::error::Failure;
use crate::exit::ExitCode;

/// Why no umbrella could be loaded.
#[derive(Debug, Error, Diagnostic)]
#[non_exhaustive]
pub enum LoadError {
    /// No `Cargo.toml` here or above.
    #[error("no umbrella in `{}` or any folder above it", start.display())]
    #[diagnostic(help("make one with `umbrella new abc --umbrella`, or go into one and try again"))]
    NoManifest {
        /// Where the search began.
        start: PathBuf,
    },
    /// A Cargo workspace that is no umbrella.
    #[error("the workspace at `{}` is not an umbrella", root.display())]
    #[diagnostic(help("make it one with `umbrella init`, which adds two lines to its Cargo.toml"))]
    NotAnUmbrella {
        /// The root of the workspace.
        root: PathBuf,
    },
    /// Cargo gave no metadata.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Cargo(#[from] MetadataError),
    /// One of our tables cannot be used.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Table(#[from] Box<MetadataTableError>),
}

impl Failure for LoadError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::MetadataFailed
    }
}

impl Workspace {
    /// Loads the umbrella that `start` lies in.
    ///
    /// # Errors
    /// [`LoadError`] if there is none or it cannot be read.
    pub fn load(cargo: &Cargo, start: &Path) -> Result<Self, LoadError> {
        let manifest = start.ancestors().map(|folder| folder.join("Cargo.toml")).find(|path| path.is_file());
        let manifest = manifest.ok_or_else(|| LoadError::NoManifest { start: start.to_owned() })?;
        Self::from_metadata(&cargo.metadata(&manifest)?)
    }

    fn from_metadata(metadata: &Metadata) -> Result<Self, LoadError> {
        let root = metadata.workspace_root.clone().into_std_path_buf();
        let table: Option<WorkspaceTable> =
            read_table(&metadata.workspace_metadata, WORKSPACE_TABLE, &root, &root.join("Cargo.toml"))?;
        let Some(table) = table else { return Err(LoadError::NotAnUmbrella { root }) };
        let members = Members::read(metadata, &root)?;
        let named_by_folder = || root.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self {
            name: ReleaseName::existing(table.name.unwrap_or_else(named_by_folder)),
            apps: in_dependency_order(members.apps()),
            crates: members.crates(),
            members: members.all(),
            releases: members.releases(),
            deployments: table.deployments,
            rules: table.rules,
            target_directory: metadata.target_directory.clone().into_std_path_buf(),
            root,
        })
    }
}

/// What a member is, by its table.
enum Role {
    Application(AppKind),
    Release,
    Crate,
}

struct Member<'a> {
    package: &'a Package,
    role: Role,
}

/// The members of the workspace, by folder.
struct Members<'a>(BTreeMap<&'a Path, Member<'a>>);

impl<'a> Members<'a> {
    fn read(metadata: &'a Metadata, root: &Path) -> Result<Self, LoadError> {
        let mut members = BTreeMap::new();
        for package in metadata.workspace_packages() {
            members.insert(folder(package), Member { package, role: role(package, root)? });
        }
        Ok(Self(members))
    }

    fn apps(&self) -> Vec<App> {
        let apps = self.0.iter().filter_map(|(path, member)| match &member.role {
            Role::Application(kind) => Some((*path, member.package, kind)),
            Role::Release | Role::Crate => None,
        });
        apps.map(|(path, package, kind)| App {
            name: AppName::of_package(package.name.as_str()),
            path: path.to_owned(),
            kind: kind.clone(),
            dependencies: self.applications_below(package).into_iter().map(AppName::of_package).collect(),
            uses_runtime: package.dependencies.iter().any(|dependency| dependency.name == "umbrella-runtime"),
            version: package.version.to_string(),
        })
        .collect()
    }

    /// The applications a package depends on, through crates that are none.
    fn applications_below(&self, package: &Package) -> BTreeSet<&'a str> {
        let mut found = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut open = vec![package.name.as_str()];
        while let Some(name) = open.pop() {
            let member = self.0.values().find(|member| member.package.name.as_str() == name);
            let normal = |member: &Member<'a>| {
                let dependencies = member.package.dependencies.iter();
                dependencies.filter(|dependency| dependency.kind == Kind::Normal).collect::<Vec<_>>()
            };
            for dependency in member.map(normal).unwrap_or_default() {
                let Some(below) = dependency.path.as_ref().and_then(|path| self.0.get(path.as_std_path()))
                else {
                    continue;
                };
                let name = below.package.name.as_str();
                match below.role {
                    Role::Application(_) => _ = found.insert(name),
                    Role::Release | Role::Crate if seen.insert(name) => open.push(name),
                    Role::Release | Role::Crate => {}
                }
            }
        }
        found
    }

    fn crates(&self) -> Vec<String> {
        let crates = self.0.values().filter(|member| matches!(member.role, Role::Crate));
        let mut names: Vec<String> = crates.map(|member| member.package.name.to_string()).collect();
        names.sort();
        names
    }

    fn all(&self) -> Vec<AnyMember> {
        let member = |(path, member): (&&Path, &Member<'_>)| AnyMember {
            name: member.package.name.to_string(),
            path: path.to_path_buf(),
            version: member.package.version.to_string(),
            role: match member.role {
                Role::Application(AppKind::Supervised { .. }) => MemberRole::Supervised,
                Role::Application(AppKind::Library) => MemberRole::Library,
                Role::Release => MemberRole::Release,
                Role::Crate => MemberRole::Crate,
            },
            dependencies: member.package.dependencies.iter().map(|found| self.dependency(found)).collect(),
        };
        self.0.iter().map(member).collect()
    }

    fn dependency(&self, found: &cargo_metadata::Dependency) -> Dependency {
        Dependency {
            package: found.name.clone(),
            is_member: found.path.as_ref().is_some_and(|path| self.0.contains_key(path.as_std_path())),
            kind: match found.kind {
                Kind::Development => DependencyKind::Dev,
                Kind::Build => DependencyKind::Build,
                Kind::Normal | Kind::Unknown => DependencyKind::Normal,
            },
            optional: found.optional,
            requirement: found.req.to_string(),
            features: found.features.iter().cloned().collect(),
            default_features: found.uses_default_features,
        }
    }

    fn releases(&self) -> Vec<ReleaseCrate> {
        let crates = self.0.iter().filter(|(_, member)| matches!(member.role, Role::Release));
        let mut releases: Vec<ReleaseCrate> = crates
            .map(|(path, member)| ReleaseCrate {
                name: ReleaseName::existing(binary(member.package)),
                package: member.package.name.to_string(),
                path: (*path).to_owned(),
            })
            .collect();
        releases.sort_by(|a, b| a.name.cmp(&b.name));
        releases
    }
}

fn folder(package: &Package) -> &Path {
    let manifest = package.manifest_path.as_std_path();
    manifest.parent().unwrap_or(manifest)
}

fn binary(package: &Package) -> &str {
    let target = package.targets.iter().find(|target| target.is_bin());
    target.map_or(package.name.as_str(), |target| target.name.as_str())
}

fn role(package: &Package, root: &Path) -> Result<Role, LoadError> {
    let manifest = package.manifest_path.as_std_path();
    let table: PackageTable =
        read_table(&package.metadata, PACKAGE_TABLE, root, manifest)?.unwrap_or_default();
    let refuse = |message, help| Err(contradiction(message, root, manifest, help).into());
    match (table.application, table.library, table.release) {
        (Some(callback), false, false) => {
            let start_type = table.start.unwrap_or_default();
            Ok(Role::Application(AppKind::Supervised { callback, start_type }))
        }
        (None, library, release) if table.start.is_some() => {
            let _nothing_to_start = (library, release);
            refuse("`start` needs `application`", "a start type is that of an application with a callback")
        }
        (None, true, false) => Ok(Role::Application(AppKind::Library)),
        (None, false, true) => Ok(Role::Release),
        (None, false, false) => Ok(Role::Crate),
        (Some(_), true, _) => refuse(
            "both `application` and `library`",
            "a library application has nothing to start: keep one of them",
        ),
        (Some(_) | None, _, true) => refuse(
            "`release` excludes the other keys",
            "release crates are generated: an application is a crate of its own",
        ),
    }
}
