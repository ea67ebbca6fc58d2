//! Umbrellas for tests of what is pure.

use std::path::{Path, PathBuf};

use super::{
    App, AppKind, AppName, Dependency, DependencyKind, Member, MemberRole, ReleaseName, Workspace,
    in_dependency_order,
};

/// The umbrella `/abc` of library applications: the name of each, and what it depends on.
pub(crate) fn umbrella(apps: &[(&str, &[&str])]) -> Workspace {
    let root = PathBuf::from("/abc");
    Workspace {
        name: ReleaseName::existing("abc"),
        apps: in_dependency_order(apps.iter().map(|(name, below)| app(&root, name, below)).collect()),
        crates: Vec::new(),
        members: apps.iter().map(|(name, below)| member(&root, name, below)).collect(),
        releases: Vec::new(),
        deployments: std::collections::BTreeMap::new(),
        rules: super::Rules::default(),
        target_directory: root.join("target"),
        root,
    }
}

fn app(root: &Path, name: &str, below: &[&str]) -> App {
    App {
        name: AppName::of_package(name),
        path: root.join("apps").join(name),
        kind: AppKind::Library,
        dependencies: below.iter().map(|name| AppName::of_package(*name)).collect(),
        uses_runtime: false,
        version: "0.1.0".to_owned(),
    }
}

fn member(root: &Path, name: &str, below: &[&str]) -> Member {
    let depend = |name: &&str| Dependency {
        package: (*name).to_owned(),
        is_member: true,
        kind: DependencyKind::Normal,
        optional: false,
        requirement: "*".to_owned(),
        features: std::collections::BTreeSet::new(),
        default_features: true,
    };
    Member {
        name: name.to_owned(),
        path: root.join("apps").join(name),
        version: "0.1.0".to_owned(),
        role: MemberRole::Library,
        dependencies: below.iter().map(depend).collect(),
    }
}
