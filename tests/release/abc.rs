//! The umbrella `abc`, released once as `[a,b]+[c]`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use umbrella_tests::{Sandbox, checkout, succeed, watch};

/// The deployment that is built first and kept as `prod`.
pub(crate) const AB_C: &str = "[a,b]+[c]";

/// The workspace, for one test at a time.
pub(crate) struct Abc {
    sandbox: Sandbox,
}

/// Longer than anything here takes on the slowest machine: a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(60);

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

    /// Runs `umbrella doctor` to its end.
    pub(crate) fn doctor(&self) -> Said {
        self.sandbox.umbrella("abc", ["doctor"]).output().expect("umbrella runs").into()
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
        let apps = ["--app", "a", "--app", "b:sup", "--app", "c:sup", "--dep", "a:c", "--dep", "b:a"];
        succeed(&mut sandbox.umbrella("", ["new", "abc", "--umbrella"].iter().chain(&apps)));
        let b = sandbox.path().join("abc/apps/b/src/application.rs");
        let code = fs::read_to_string(&b).expect("it was generated");
        let code = code.replace(
            "            .start_link",
            "            .child(Watch::child_spec(()))\n            .start_link",
        );
        fs::write(&b, code + &watch("a::add_to_c(1)")).expect("it can be changed");
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
        let bundles = abc().path("target/umbrella/rel");
        Self::copy_from(&bundles, release)
    }

    /// A copy of one of the bundles in a folder.
    pub(crate) fn copy_from(bundles: &Path, release: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("rel").tempdir().expect("a temporary folder");
        let path = folder.path().join(release);
        copy(&bundles.join(release), &path);
        Self { path, release: release.to_owned(), _folder: Some(folder) }
    }

    /// A copy of the bundle beside another one.
    pub(crate) fn beside(release: &str, other: &Self) -> Self {
        let bundles = abc().path("target/umbrella/rel");
        Self::beside_from(&bundles, release, other)
    }

    /// A copy of one of the bundles in a folder, beside another one.
    pub(crate) fn beside_from(bundles: &Path, release: &str, other: &Self) -> Self {
        let path = other.path.parent().expect("a folder of bundles").join(release);
        copy(&bundles.join(release), &path);
        Self { path, release: release.to_owned(), _folder: None }
    }

    /// `bin/<release> <args>`, with no environment that says where anything is.
    pub(crate) fn run(&self, args: &[&str]) -> Said {
        let mut program = Command::new(self.path.join("bin").join(&self.release));
        program.args(args).current_dir("/").env_clear();
        program.output().expect("the program of a bundle runs").into()
    }

    /// Puts `text` in place of the configuration of production.
    pub(crate) fn configure(&self, text: &str) {
        fs::write(self.path.join("config/prod.toml"), text).expect("a file can be written");
    }

    /// What the node has logged so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.path.join("run").join(&self.release).with_extension("log"))
            .unwrap_or_default()
    }

    /// Waits until the node has logged `what` in what follows the first `after` bytes, and says where that ends.
    pub(crate) fn logs(&self, after: usize, what: &str) -> usize {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let log = self.log();
            if let Some(at) = log.get(after..).and_then(|log| log.find(what)) {
                return after + at + what.len();
            }
            assert!(Instant::now() < deadline, "`{what}` is not logged within {PATIENCE:?}: {log}");
        }
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
pub(crate) fn copy(from: &Path, to: &Path) {
    succeed(Command::new("cp").arg("-R").arg(from).arg(to));
    let traces = to.join("run");
    if traces.exists() {
        fs::remove_dir_all(traces).expect("a folder can be removed");
    }
}
