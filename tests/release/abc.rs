//! The umbrella `abc`, released once as `[a,b]+[c]`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use tempfile::TempDir;
use umbrella_tests::{Sandbox, checkout, succeed};

/// The deployment that is built first and kept as `prod`.
pub(crate) const AB_C: &str = "[a,b]+[c]";

/// The workspace, for one test at a time.
pub(crate) struct Abc {
    sandbox: Sandbox,
}

/// What a command said, and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

impl Said {
    /// Panics with everything that was said unless it ended with `code`.
    pub(crate) fn ended(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.out, self.err);
        self
    }
}

impl Abc {
    /// `umbrella release <args>` at the root.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = self.sandbox.umbrella("abc", ["release"].iter().chain(args));
        // How fast a program is makes no difference here, and how fast it is built does.
        command.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0");
        command
    }

    /// Runs `umbrella release <args>` to its end.
    pub(crate) fn release(&self, args: &[&str]) -> Said {
        self.command(args).output().expect("umbrella runs").into()
    }

    /// A path in the workspace.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.sandbox.path().join("abc").join(path)
    }

    /// The bundle of `release`, in its place.
    pub(crate) fn bundle(&self, release: &str) -> Bundle {
        Bundle {
            path: self.path("target/umbrella/rel").join(release),
            release: release.to_owned(),
            _folder: None,
        }
    }
}

/// The workspace; whoever has it may change it, and leaves it as it was.
pub(crate) fn abc() -> MutexGuard<'static, Abc> {
    static ABC: OnceLock<Mutex<Abc>> = OnceLock::new();
    let abc = ABC.get_or_init(|| {
        let sandbox = Sandbox::at(env!("CARGO_TARGET_TMPDIR"), "release");
        let apps = ["--app", "a", "--app", "b:sup", "--app", "c:sup", "--dep", "a:c"];
        succeed(&mut sandbox.umbrella("", ["new", "abc", "--umbrella"].iter().chain(&apps)));
        // The versions that this repository is built with: they are on this machine.
        fs::copy(checkout().join("Cargo.lock"), sandbox.path().join("abc/Cargo.lock")).expect("a lock file");
        let abc = Abc { sandbox };
        abc.release(&["--group", AB_C, "--save", "prod"]).ended(0);
        Mutex::new(abc)
    });
    abc.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A bundle, and the commands of its program.
pub(crate) struct Bundle {
    pub(crate) path: PathBuf,
    release: String,
    _folder: Option<TempDir>,
}

impl Bundle {
    /// A copy of the bundle, away from the workspace, as it would be on another machine.
    pub(crate) fn copy_of(release: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("rel").tempdir().expect("a temporary folder");
        let path = folder.path().join(release);
        copy(&abc().bundle(release).path, &path);
        Self { path, release: release.to_owned(), _folder: Some(folder) }
    }

    /// `bin/<release> <args>`, with no environment that says where anything is.
    pub(crate) fn run(&self, args: &[&str]) -> Said {
        let mut program = Command::new(self.path.join("bin").join(&self.release));
        program.args(args).current_dir("/").env_clear();
        program.output().expect("the program of a bundle runs").into()
    }

    /// The text of a file in it.
    pub(crate) fn text(&self, path: &str) -> String {
        fs::read_to_string(self.path.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }
}

impl Drop for Bundle {
    /// Nothing outlives its test, not even one that fails.
    fn drop(&mut self) {
        if self.path.exists() {
            self.run(&["stop", "--timeout", "5"]);
        }
    }
}

/// Copies a tree with its modes, without the traces of its runs.
///
/// Another process does it: while this one held the copy of a program open for writing, a test
/// beside would fork, and the kernel runs no program that a child still has open ("text file busy").
fn copy(from: &Path, to: &Path) {
    succeed(Command::new("cp").arg("-R").arg(from).arg(to));
    let traces = to.join("run");
    if traces.exists() {
        fs::remove_dir_all(traces).expect("a folder can be removed");
    }
}
