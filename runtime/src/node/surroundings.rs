//! Where a node runs: root, environment, run folder.

use std::collections::HashMap;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What the process was started with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Inputs {
    /// The program itself, links resolved.
    pub(crate) executable: Option<PathBuf>,
    /// Where it was started.
    pub(crate) folder: PathBuf,
    /// The environment.
    pub(crate) variables: HashMap<OsString, OsString>,
}

/// Where a node runs, and as what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Surroundings {
    /// The folder that holds `config/`.
    pub(crate) root: PathBuf,
    /// Whether the program is in a bundle made by `umbrella release`, rather than in a workspace.
    pub(crate) is_bundle: bool,
    pub(crate) env: String,
    pub(crate) run_dir: PathBuf,
}

/// There is no `config/config.toml` anywhere up from here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "found no folder with config/config.toml from {} upward\n\
     help: start in the umbrella, or set UMBRELLA_ROOT to the folder that holds config/", .0.display()
)]
pub(crate) struct NoRoot(PathBuf);

impl Inputs {
    /// Those of this process.
    pub(crate) fn of_this_process() -> io::Result<Self> {
        Ok(Self {
            executable: env::current_exe().ok(),
            folder: env::current_dir()?,
            variables: env::vars_os().collect(),
        })
    }

    /// A variable that is set and not empty.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(&OsString::from(name))?.to_str().filter(|text| !text.is_empty())
    }

    fn folder_in(&self, name: &str) -> Option<PathBuf> {
        let value = self.variables.get(&OsString::from(name)).filter(|value| !value.is_empty())?;
        Some(self.folder.join(value))
    }
}

impl Surroundings {
    /// Finds out.
    pub(crate) fn of(inputs: &Inputs) -> Result<Self, NoRoot> {
        let bundle = inputs.executable.as_deref().and_then(bundle_of);
        let is_bundle = bundle.is_some();
        let workspace = || {
            let start = inputs.folder_in("CARGO_MANIFEST_DIR").unwrap_or_else(|| inputs.folder.clone());
            find_root(&start).ok_or(NoRoot(start))
        };
        let root = match inputs.folder_in("UMBRELLA_ROOT").or(bundle) {
            Some(root) => root,
            None => workspace()?,
        };
        let default_env = if is_bundle { "prod" } else { "dev" };
        let env = inputs.variable("UMBRELLA_ENV").unwrap_or(default_env).to_owned();
        let default_run_dir =
            if is_bundle { root.join("run") } else { root.join("target/umbrella/run").join(&env) };
        let run_dir = inputs.folder_in("UMBRELLA_RUN_DIR").unwrap_or(default_run_dir);
        Ok(Self { root, is_bundle, env, run_dir })
    }

    /// The deployment a bundle was built for.
    pub(crate) fn deployment(&self, release_version: &str) -> Option<String> {
        self.built(release_version)?.get("deployment")?.as_str().map(str::to_owned)
    }

    /// What `umbrella release` wrote about a bundle.
    pub(crate) fn built(&self, release_version: &str) -> Option<serde_json::Value> {
        if !self.is_bundle {
            return None;
        }
        let path = self.root.join("releases").join(release_version).join("release.json");
        serde_json::from_str(&fs::read_to_string(path).ok()?).ok()
    }
}

/// The bundle that a program belongs to: it is in `bin/`, beside `releases/`.
fn bundle_of(executable: &Path) -> Option<PathBuf> {
    let bin = executable.parent().filter(|folder| folder.file_name().is_some_and(|name| name == "bin"))?;
    let root = bin.parent()?;
    root.join("releases").is_dir().then(|| root.to_owned())
}

/// The nearest folder, upward, that holds `config/config.toml`.
pub(crate) fn find_root(start: &Path) -> Option<PathBuf> {
    start.ancestors().find(|folder| folder.join("config/config.toml").is_file()).map(Path::to_owned)
}

/// The name of the umbrella, as its manifest says; nothing in a bundle.
pub(crate) fn umbrella_name(root: &Path) -> Option<String> {
    let manifest: toml::Table = fs::read_to_string(root.join("Cargo.toml")).ok()?.parse().ok()?;
    let name = manifest.get("workspace")?.get("metadata")?.get("umbrella")?.get("name")?;
    name.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs(folder: &Path, variables: &[(&str, &str)]) -> Inputs {
        let variables = variables.iter().map(|(name, value)| (name.into(), value.into())).collect();
        Inputs { executable: Some("/somewhere/abc".into()), folder: folder.to_owned(), variables }
    }

    fn umbrella() -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("a temporary folder");
        for folder in ["config", "apps/b/src", "bin", "releases/0.1.0"] {
            fs::create_dir_all(root.path().join(folder)).expect("a folder");
        }
        fs::write(root.path().join("config/config.toml"), "").expect("a file");
        root
    }

    #[test]
    fn in_a_workspace_the_root_is_found_upward_and_the_environment_is_dev() {
        let root = umbrella();
        let found = Surroundings::of(&inputs(&root.path().join("apps/b/src"), &[])).expect("found");
        let run_dir = root.path().join("target/umbrella/run/dev");
        let expected =
            Surroundings { root: root.path().into(), is_bundle: false, env: "dev".into(), run_dir };
        assert_eq!(found, expected);
    }

    #[test]
    fn cargo_run_from_outside_finds_the_workspace_of_the_package() {
        let (root, elsewhere) = (umbrella(), tempfile::tempdir().expect("a temporary folder"));
        let package = root.path().join("apps/b");
        let package = package.to_str().expect("UTF-8");
        let found = Surroundings::of(&inputs(elsewhere.path(), &[("CARGO_MANIFEST_DIR", package)]));
        assert_eq!(found.expect("found").root, root.path());
    }

    #[test]
    fn in_a_bundle_the_program_says_where_and_the_environment_is_prod() {
        let (root, elsewhere) = (umbrella(), tempfile::tempdir().expect("a temporary folder"));
        let executable = Some(root.path().join("bin/abc"));
        let found = Surroundings::of(&Inputs { executable, ..inputs(elsewhere.path(), &[]) }).expect("found");
        let run_dir = root.path().join("run");
        let expected =
            Surroundings { root: root.path().into(), is_bundle: true, env: "prod".into(), run_dir };
        assert_eq!(found, expected);
        assert_eq!(found.deployment("0.1.0"), None);
        fs::write(root.path().join("releases/0.1.0/release.json"), r#"{"deployment":"[a]+[b]"}"#)
            .expect("a file");
        assert_eq!(found.deployment("0.1.0").as_deref(), Some("[a]+[b]"));
    }

    #[test]
    fn variables_win_and_relative_ones_start_here() {
        let root = umbrella();
        let variables = [("UMBRELLA_ROOT", "apps"), ("UMBRELLA_ENV", "test"), ("UMBRELLA_RUN_DIR", "/r")];
        let found = Surroundings::of(&inputs(root.path(), &variables)).expect("found");
        let apps = root.path().join("apps");
        let expected =
            Surroundings { root: apps, is_bundle: false, env: "test".into(), run_dir: "/r".into() };
        assert_eq!(found, expected);
    }

    #[test]
    fn without_a_root_the_error_says_what_to_do() {
        let error = Surroundings::of(&inputs(Path::new("/nonexistent"), &[])).expect_err("there is none");
        assert!(error.to_string().contains("set UMBRELLA_ROOT"), "{error}");
    }

    #[test]
    fn the_manifest_names_the_umbrella() {
        let root = umbrella();
        assert_eq!(umbrella_name(root.path()), None);
        let manifest = "[workspace.metadata.umbrella]\nname = \"abc\"\n";
        fs::write(root.path().join("Cargo.toml"), manifest).expect("a file");
        assert_eq!(umbrella_name(root.path()).as_deref(), Some("abc"));
    }
}
