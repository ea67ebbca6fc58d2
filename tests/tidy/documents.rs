//! What is written for readers.

use crate::findings::Findings;
use crate::{rust, source};

#[test]
fn every_module_says_what_it_is() {
    let mut findings = Findings::new(
        "a file of Rust begins with what it is",
        "begin it with a `//!` sentence: what it is, who uses it, what it never does",
    );
    for file in rust::files() {
        let text = source::file(file.path).map_or("", |file| file.text.as_str());
        if !text.starts_with("//! ") {
            findings.line(file.path, 1, "does not begin with `//! `");
        }
    }
    findings.none();
}

#[test]
fn every_file_is_part_of_a_crate() {
    let mut findings = Findings::new(
        "a file of Rust is compiled",
        "declare it with `mod`, or name it in Cargo.toml, or remove it",
    );
    let is_root = |path: &str| {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let krate = ["/tests", "/benches", "/examples"].iter().find_map(|kind| folder.strip_suffix(kind));
        let found_by_cargo =
            krate.is_some_and(|krate| source::file(&format!("{krate}/Cargo.toml")).is_some());
        found_by_cargo || matches!(name, "main.rs" | "lib.rs") || is_named_in_manifest(path)
    };
    for file in rust::files().iter().filter(|file| !is_root(file.path)) {
        if !rust::files().iter().flat_map(|other| &other.modules).any(|module| module.is(file.path)) {
            findings.file(file.path, "is in no crate");
        }
    }
    findings.none();
}

fn is_named_in_manifest(path: &str) -> bool {
    let manifests =
        source::files().iter().filter_map(|file| Some((file.path.strip_suffix("Cargo.toml")?, file)));
    manifests.into_iter().any(|(folder, manifest)| {
        let inside = path.strip_prefix(folder);
        inside.is_some_and(|inside| manifest.text.contains(&format!("path = \"{inside}\"")))
    })
}

#[test]
fn the_changelog_has_room_for_the_next_change() {
    let changelog = source::file("CHANGELOG.md").expect("CHANGELOG.md is there");
    assert!(
        changelog.text.contains("\n## [Unreleased]\n"),
        "CHANGELOG.md has no `## [Unreleased]` section: add it above the newest release"
    );
}

#[test]
fn the_root_has_what_a_reader_looks_for() {
    let mut findings = Findings::new("the root files are there", "write it");
    let expected = [
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "DESIGN.md",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "README.md",
        ".ci/run",
    ];
    for path in expected {
        if source::file(path).is_none() {
            findings.file(path, "is missing");
        }
    }
    findings.none();
}
