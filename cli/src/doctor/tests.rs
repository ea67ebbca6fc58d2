//! What depends on the machine, and so cannot be had from outside.

use std::collections::BTreeSet;

use super::*;
use crate::workspace::fixture::umbrella;
use crate::workspace::{Dependency, DependencyKind, Sources};

const ROOT: &str = "[workspace]\nmembers = [\"apps/a\"]\n\n[workspace.package]\nrust-version = \"1.80\"\n";

/// An umbrella of a library application that stands on the runtime, with a root manifest and a lock file.
fn facts(root: &str, locked: &str) -> Facts {
    let mut workspace = umbrella(&[("a", &[])]);
    workspace.members[0].dependencies.push(Dependency {
        package: "umbrella-runtime".to_owned(),
        is_member: false,
        kind: DependencyKind::Normal,
        optional: false,
        requirement: "*".to_owned(),
        features: BTreeSet::new(),
        default_features: true,
    });
    let mut sources = Sources::default();
    sources.set(workspace.root.join("Cargo.toml"), root.to_owned());
    let lock = format!("[[package]]\nname = \"umbrella-runtime\"\nversion = \"{locked}\"\n");
    sources.set(workspace.root.join("Cargo.lock"), lock);
    Facts {
        root: workspace.root.clone(),
        workspace: Ok(workspace),
        sources,
        manifests: BTreeSet::from([".".to_owned()]),
        bare_folders: Vec::new(),
        missing: BTreeSet::new(),
        code: std::collections::BTreeMap::new(),
        configuration: Vec::new(),
        templates: std::collections::BTreeMap::new(),
        words: Words::default(),
        machine: Machine { toolchain: Some("1.90.0".to_owned()), ..Machine::default() },
        own: Own { version: "0.2.3", rust_version: "1.89", runtime: "\"0.2\"".to_owned() },
    }
}

#[track_caller]
fn found(facts: &Facts, kind: Kind) -> String {
    let findings = examine(facts);
    let found = findings.iter().find(|finding| finding.kind == kind);
    let found = found.unwrap_or_else(|| panic!("no {kind:?} in {findings:#?}"));
    format!("{}; {}", found.what, found.help)
}

fn kinds(facts: &Facts) -> Vec<Kind> {
    // What an application lacks that is written in nothing is found from outside.
    let lacking = [Kind::NoLibrary, Kind::ReleaseMissing];
    examine(facts).into_iter().map(|finding| finding.kind).filter(|kind| !lacking.contains(kind)).collect()
}

#[test]
fn versions_that_fit_are_no_faults() {
    assert_eq!(kinds(&facts(ROOT, "0.2.3")), []);
    assert_eq!(kinds(&facts(ROOT, "0.2.1")), [Kind::RuntimeOther]);
    assert_eq!(Kind::RuntimeOther.level(), Level::Note);
    let older = found(&facts(ROOT, "0.1.9"), Kind::RuntimeDiffers);
    assert!(older.contains("the runtime is 0.1.9, and this command line generates for 0.2.3"), "{older}");
    assert!(older.contains("cargo update -p umbrella-runtime"), "{older}");
    let newer = found(&facts(ROOT, "0.3.0"), Kind::RuntimeDiffers);
    assert!(newer.contains("cargo install umbrella-cli --version 0.3.0"), "{newer}");
}

#[test]
fn a_compiler_is_too_old_for_the_runtime_or_for_what_the_workspace_asks() {
    let mut facts = facts(ROOT, "0.2.3");
    facts.machine.toolchain = Some("1.88.1".to_owned());
    assert_eq!(kinds(&facts), [Kind::ToolchainOld]);
    facts.machine.toolchain = Some("1.79.0".to_owned());
    assert_eq!(kinds(&facts), [Kind::ToolchainOld, Kind::RustVersionHigh]);
    facts.machine.toolchain = None;
    assert_eq!(kinds(&facts), [], "nobody knows");
    let silent = self::facts("[workspace]\nmembers = [\"apps/a\"]\n", "0.2.3");
    assert!(found(&silent, Kind::RustVersionAbsent).contains("add `rust-version = \"1.89\"`"));
}

#[test]
fn a_tool_that_is_missing_is_worth_a_note() {
    let mut facts = facts(ROOT, "0.2.3");
    let tool = Tool { name: "clippy", used_by: "umbrella check", install: "rustup component add clippy" };
    facts.machine.missing_tools.push(tool);
    assert_eq!(
        found(&facts, Kind::ToolMissing),
        "clippy is not installed: `umbrella check` uses it; `rustup component add clippy`"
    );
    assert_eq!(Kind::ToolMissing.level(), Level::Note);
}

#[test]
fn what_cargo_says_is_shown_only_if_nothing_of_it_was_found() {
    let mut facts = facts(ROOT, "0.2.3");
    let refusal = Finding::new(Kind::Refused, "cargo could not read this workspace", "correct it");
    facts.workspace = Err(Box::new(refusal));
    assert_eq!(kinds(&facts), [Kind::Refused]);
    facts.missing.insert("apps/a".to_owned());
    assert_eq!(kinds(&facts), [Kind::MemberMissing]);
    let mended = mend(&facts).unwrap();
    let root = mended.plan.text_of(&facts.root.join("Cargo.toml")).unwrap();
    assert!(root.starts_with("[workspace]\nmembers = []\n"), "{root}");
}
