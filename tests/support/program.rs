//! The program under test.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The root of this repository.
#[must_use]
pub fn checkout() -> &'static Path {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests)
}

/// The `umbrella` program, built once for each test program.
///
/// # Panics
/// If it does not build.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        build(&["--package", "umbrella-cli", "--bins"]);
        target().join("debug").join("umbrella")
    })
}

/// A program that tests run, an example of this package.
///
/// # Panics
/// If it does not build.
#[must_use]
pub fn example(name: &str) -> PathBuf {
    build(&["--package", "umbrella-tests", "--example", name]);
    target().join("debug/examples").join(name)
}

fn build(what: &[&str]) {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.args(["build", "--quiet"]).args(what).current_dir(checkout()).env("CARGO_TARGET_DIR", target());
    let status = build.status().expect("cargo runs: it started this test");
    assert!(status.success(), "{what:?} does not build");
}

/// Where this repository is built: above the folder that this test program lies in.
pub(crate) fn target() -> PathBuf {
    let this = env::current_exe().expect("a running program has a path");
    // target/debug/deps/<test>
    this.ancestors().nth(3).expect("cargo builds tests three folders deep").to_owned()
}
