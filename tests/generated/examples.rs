//! `abc` is what the command in its README makes; the others work.

use std::env;
use std::fs;
use std::path::Path;

use umbrella_tests::{Sandbox, Tree, assert_same_tree, checkout, succeed};

/// The command in a README that made the example.
#[expect(clippy::expect_used, reason = "a test that fails is a test that panics")]
fn made_by(example: &Path) -> Vec<String> {
    let readme = fs::read_to_string(example.join("README.md")).expect("an example has a README");
    let (_, command) = readme.split_once("\nMade by:\n\n    umbrella ").expect("it says what made it");
    command.split_whitespace().map(str::to_owned).collect()
}

/// Takes over what is made now: what a developer asks for with `SNAPSHOTS=overwrite`.
#[expect(clippy::expect_used, reason = "a test that fails is a test that panics")]
fn overwrite(example: &Path, made: &Tree) {
    for (path, text) in Tree::read(example).0.iter().rev() {
        if made.0.contains_key(path) {
            continue;
        }
        let path = example.join(path);
        let removed = if text.is_some() { fs::remove_file(path) } else { fs::remove_dir(path) };
        removed.expect("the example is ours");
    }
    for (path, text) in &made.0 {
        let path = example.join(path);
        let written = match text {
            Some(text) => fs::write(path, text),
            None => fs::create_dir_all(path),
        };
        written.expect("there is room");
    }
}

/// Examples that are written by hand are built, linted, and tested as their author would, with what other tests have built.
fn works(name: &str) {
    let sandbox = Sandbox::new();
    sandbox.example(name);
    let cargo = |args: &[&str]| succeed(&mut sandbox.cargo(name, args));
    cargo(&["fmt", "--all", "--check"]);
    cargo(&["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]);
    cargo(&["test", "--workspace"]);
}

#[test]
fn kv_works() {
    works("kv");
}

#[test]
fn elixir_cluster_works() {
    works("elixir_cluster");
}

#[test]
fn shop_works() {
    works("shop");
}

#[test]
fn examples_are_current() {
    let example = checkout().join("examples/abc");
    let command = made_by(&example);
    let sandbox = Sandbox::new();
    succeed(&mut sandbox.umbrella("", &command));
    let mut made = Tree::read(&sandbox.path().join("abc"));
    // Outside of this repository the path to the runtime is absolute; in it, it is relative.
    let manifest = made.0.get_mut(Path::new("Cargo.toml")).and_then(Option::as_mut).unwrap();
    let runtime = checkout().join("runtime");
    *manifest = manifest.replace(runtime.to_str().unwrap(), "../../runtime");
    if env::var_os("SNAPSHOTS").is_some_and(|value| value == "overwrite") {
        overwrite(&example, &made);
    }
    assert_same_tree(&made, &Tree::read(&example));
}
