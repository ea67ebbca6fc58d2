//! `umbrella list`, `umbrella graph`, `umbrella check`.

use std::fs;
use std::path::Path;

use umbrella_tests::Sandbox;

#[test]
fn what_they_show() {
    crate::check("look/*.trycmd");
}

/// A workspace of two crates that stand on nothing.
fn two_crates(root: &Path) {
    let write = |path: &str, text: &str| {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("it works")).expect("it works");
        fs::write(path, text).expect("it works");
    };
    write(
        "Cargo.toml",
        "[workspace]\nresolver = \"3\"\nmembers = [\"a\", \"b\"]\n\n[workspace.metadata.umbrella]\n\n\
         [workspace.metadata.umbrella.rules]\nlayers = [[\"a\"], [\"b\"]]\n",
    );
    for name in ["a", "b"] {
        write(&format!("{name}/src/lib.rs"), "//! What is here.\n");
        let manifest = format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
        write(&format!("{name}/Cargo.toml"), &manifest);
    }
}

/// The exit code, and what was said: results, and the rest.
fn check(sandbox: &Sandbox, args: &[&str]) -> (Option<i32>, String, String) {
    let output = sandbox.umbrella("", [&["check"], args].concat()).output().expect("it works");
    let text = |said: Vec<u8>| String::from_utf8(said).expect("it works");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn every_check_runs_whatever_the_one_before_it_found() {
    let sandbox = Sandbox::new();
    two_crates(sandbox.path());
    let (code, said, _) = check(&sandbox, &[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.ends_with("rules passed, fmt passed, clippy passed, deny skipped (no deny.toml)\n"),
        "{said}"
    );

    let library = sandbox.path().join("b/src/lib.rs");
    fs::write(library, "//! What is here.\nfn  ugly() {}\n").expect("it works");
    let depends = fs::read_to_string(sandbox.path().join("b/Cargo.toml")).expect("it works");
    let depends = format!("{depends}\n[dependencies]\na = {{ path = \"../a\" }}\n");
    fs::write(sandbox.path().join("b/Cargo.toml"), depends).expect("it works");
    let (code, said, shown) = check(&sandbox, &[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("`b` may not depend on `a`: `b` is in layer 2, and `a` above it"), "{said}");
    assert!(
        said.ends_with("rules FAILED, fmt FAILED, clippy FAILED, deny skipped (no deny.toml)\n"),
        "{said}"
    );
    assert!(shown.contains("-fn  ugly() {}") && shown.contains("function `ugly` is never used"), "{shown}");

    // Only what was asked for.
    let (_, said, _) = check(&sandbox, &["a"]);
    assert!(said.contains("rules FAILED, fmt passed, clippy passed"), "{said}");
}
