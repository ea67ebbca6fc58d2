//! A folder of its own for each test.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::program::{checkout, program, target};
use crate::tree::Tree;

/// An empty folder, outside of any workspace and repository, and the programs to run in it.
#[derive(Debug)]
pub struct Sandbox {
    _folder: Option<TempDir>,
    path: PathBuf,
}

impl Sandbox {
    /// A new one; removed when dropped.
    ///
    /// # Panics
    /// If the system has no room for it.
    #[must_use]
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let path = folder.path().canonicalize().expect("the folder was just made");
        Self { _folder: Some(folder), path }
    }

    /// One at a place that stays, emptied first: what is built from it is built again only where it changed.
    ///
    /// # Panics
    /// If it cannot be emptied.
    #[must_use]
    pub fn at(folder: impl AsRef<Path>, name: &str) -> Self {
        let path = folder.as_ref().join(name);
        if path.exists() {
            fs::remove_dir_all(&path).expect("what an earlier run left can be removed");
        }
        fs::create_dir_all(&path).expect("a folder can be made");
        Self { _folder: None, path }
    }

    /// Its folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A copy of one of the examples, and where it is: it stands on this repository's runtime.
    ///
    /// # Panics
    /// If there is no such example.
    pub fn example(&self, name: &str) -> PathBuf {
        let copy = self.path.join(name);
        for (path, text) in &Tree::read(&checkout().join("examples").join(name)).0 {
            let path = copy.join(path);
            match text {
                Some(text) => {
                    fs::create_dir_all(path.parent().expect("in the sandbox")).expect("a folder can be made");
                    fs::write(path, text).expect("a file can be written");
                }
                None => fs::create_dir_all(path).expect("a folder can be made"),
            }
        }
        let manifest = copy.join("Cargo.toml");
        let text = fs::read_to_string(&manifest).expect("an example has a manifest");
        let runtime = checkout().join("runtime");
        let text = text.replace("../../runtime", runtime.to_str().expect("paths of developers are UTF-8"));
        fs::write(manifest, text).expect("a file can be written");
        lock(&copy);
        copy
    }

    /// `umbrella <args>`, to be run in `folder` below the sandbox.
    #[must_use]
    pub fn umbrella<A: AsRef<OsStr>>(&self, folder: &str, args: impl IntoIterator<Item = A>) -> Command {
        let mut umbrella = Command::new(program());
        umbrella.args(args).current_dir(self.path.join(folder));
        clean(&mut umbrella);
        umbrella
    }

    /// A line as typed into a shell in `folder` below the sandbox, with `umbrella` on the path.
    ///
    /// # Panics
    /// If the path is not made of paths.
    #[must_use]
    pub fn typed(&self, folder: &Path, line: &str) -> Command {
        let programs = program().parent().map(Path::to_owned);
        let path = env::var_os("PATH").unwrap_or_default();
        let path = env::join_paths(programs.into_iter().chain(env::split_paths(&path)));
        let mut bash = Command::new("bash");
        bash.args(["-c", line]).current_dir(folder).stdin(Stdio::null());
        clean(&mut bash);
        bash.env("PATH", path.expect("what was split can be joined"));
        bash
    }

    /// `cargo <args>`, to be run in the workspace `folder` below the sandbox: offline, in the shared target folder.
    ///
    /// # Panics
    /// If the lock file of this repository cannot be copied.
    #[must_use]
    pub fn cargo<A: AsRef<OsStr>>(&self, folder: &str, args: impl IntoIterator<Item = A>) -> Command {
        let root = self.path.join(folder);
        lock(&root);
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(args).current_dir(root);
        clean(&mut cargo);
        cargo
    }
}

impl Default for Sandbox {
    fn default() -> Self {
        Self::new()
    }
}

/// Nothing that this test run was told may reach what runs in a sandbox.
fn clean(command: &mut Command) {
    for (name, _) in env::vars_os() {
        let name_text = name.to_string_lossy();
        let told =
            ["CARGO_", "UMBRELLA_", "RUST_", "GIT_"].iter().any(|prefix| name_text.starts_with(prefix));
        if told && name_text != "CARGO_HOME" {
            command.env_remove(&name);
        }
    }
    command.env("CARGO_TARGET_DIR", target().join("generated"));
    command.env("CARGO_NET_OFFLINE", "true");
    command.env("NO_COLOR", "1");
}

/// The versions that this repository is built with: they are on this machine.
fn lock(root: &Path) {
    let lock = root.join("Cargo.lock");
    if !lock.exists() {
        fs::copy(checkout().join("Cargo.lock"), lock).expect("the lock file can be copied");
    }
}

/// Runs a command that must succeed.
///
/// # Panics
/// With everything it said, if it does not.
pub fn succeed(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?} does not run: {error}"));
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}\n{}",
        output.status,
        said(&output.stdout),
        said(&output.stderr)
    );
    output
}
