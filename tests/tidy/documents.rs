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
        ".ci/run",
    ];
    for path in expected {
        if source::file(path).is_none() {
            findings.file(path, "is missing");
        }
    }
    findings.none();
}
