//! What `umbrella test` runs. PURE.

mod affected;
mod inputs;
mod lock;
mod memory;
mod order;
mod place;
mod root_manifest;
mod scan;

use std::path::Path;

use serde::Serialize;

use super::selection::UnknownApplication;
use crate::workspace::Workspace;

pub use affected::{Affected, Changes, Versions, affected};
pub use inputs::{Files, inputs};
pub use memory::{Known, Memory, UnitRun};
pub use order::{NoPartition, Partition, shuffle};
pub use place::{FileTests, What, what};
pub use scan::tests_in;

/// A package that is tested as a unit: only it and what it depends on is built.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unit {
    /// Its package name.
    pub name: String,
    /// What it is to umbrella.
    pub kind: UnitKind,
}

/// What a unit is to umbrella.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum UnitKind {
    /// An application.
    Application,
    /// An ordinary crate of the workspace. Leaving it out would be a green that nobody meant.
    Crate,
}

/// The units to test: those named; else the application whose folder is `here`; else all, dependencies first.
///
/// # Errors
/// [`UnknownApplication`] for a name that is neither an application nor a crate of the workspace.
pub fn plan_test(
    workspace: &Workspace,
    names: &[String],
    here: &Path,
) -> Result<Vec<Unit>, UnknownApplication> {
    let all = all(workspace);
    if !names.is_empty() {
        let mut units: Vec<Unit> = Vec::new();
        for name in names {
            let unit = all.iter().find(|unit| unit.name == *name);
            let unit =
                unit.ok_or_else(|| UnknownApplication::new(name, all.iter().map(|unit| unit.name.as_str())))?;
            if !units.contains(unit) {
                units.push(unit.clone());
            }
        }
        return Ok(units);
    }
    match workspace.app_containing(here) {
        Some(app) => Ok(all.into_iter().filter(|unit| unit.name == app.name.as_str()).collect()),
        None => Ok(all),
    }
}

fn all(workspace: &Workspace) -> Vec<Unit> {
    let unit = |kind| move |name: &str| Unit { name: name.to_owned(), kind };
    let crates = workspace.crates.iter().map(String::as_str).map(unit(UnitKind::Crate));
    workspace.app_names().map(unit(UnitKind::Application)).chain(crates).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::{App, AppKind, AppName, ReleaseName};

    fn abc() -> Workspace {
        let app = |name: &str| App {
            name: AppName::of_package(name),
            path: Path::new("/abc/apps").join(name),
            kind: AppKind::Library,
            dependencies: Vec::new(),
            uses_runtime: false,
            version: "0.1.0".to_owned(),
        };
        Workspace {
            root: "/abc".into(),
            name: ReleaseName::existing("abc"),
            apps: vec![app("c"), app("a"), app("b")],
            crates: vec!["util".to_owned()],
            members: Vec::new(),
            rules: Default::default(),
            releases: Vec::new(),
            deployments: std::collections::BTreeMap::new(),
            target_directory: "/abc/target".into(),
        }
    }

    fn planned(names: &[&str], here: &str) -> Vec<String> {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let units = plan_test(&abc(), &names, Path::new(here)).expect("known names");
        units.into_iter().map(|unit| unit.name).collect()
    }

    #[test]
    fn at_the_root_everything_is_tested_dependencies_first() {
        assert_eq!(planned(&[], "/abc"), ["c", "a", "b", "util"]);
        assert_eq!(planned(&[], "/abc/apps"), ["c", "a", "b", "util"]);
    }

    #[test]
    fn inside_an_application_only_that_one_is_tested() {
        assert_eq!(planned(&[], "/abc/apps/b/src"), ["b"]);
    }

    #[test]
    fn names_are_tested_wherever_they_are_typed_and_each_once() {
        assert_eq!(planned(&["b", "util", "b"], "/abc/apps/a"), ["b", "util"]);
    }

    #[test]
    fn an_unknown_name_is_an_error() {
        let error = plan_test(&abc(), &["utl".to_owned()], Path::new("/abc")).expect_err("unknown");
        assert_eq!(error.to_string(), "unknown application `utl`");
    }
}
