//! `umbrella doctor`: every kind of umbrella that is made is healthy; whatever is broken is found, and mended where it can be.

mod applications;
mod manifests;
mod surroundings;

use std::fs;
use std::path::Path;

use serde_json::Value;
use umbrella_tests::{Sandbox, Tree, assert_same_tree, foreign_workspace, succeed};

/// A way to break an umbrella of `a`, which depends on `c`, and the supervised `b` and `c`.
struct Case {
    /// What is done to it.
    breaks: fn(&Path),
    /// The faults: of which kind, in which file, and what is on that line.
    faults: &'static [&'static str],
    /// Something that is said of them.
    says: &'static str,
    /// The faults after `--fix`.
    left: &'static [&'static str],
}

fn read(root: &Path, file: &str) -> String {
    fs::read_to_string(root.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn write(root: &Path, file: &str, text: &str) {
    let path = root.join(file);
    fs::create_dir_all(path.parent().expect("below the root")).expect("a folder can be made");
    fs::write(path, text).expect("a file can be written");
}

fn edit(root: &Path, file: &str, from: &str, to: &str) {
    let text = read(root, file);
    assert!(text.contains(from), "`{from}` is not in {file}:\n{text}");
    write(root, file, &text.replacen(from, to, 1));
}

fn append(root: &Path, file: &str, text: &str) {
    write(root, file, &(read(root, file) + text));
}

fn remove(root: &Path, folder: &str) {
    fs::remove_dir_all(root.join(folder)).expect("it was there");
}

fn copy(root: &Path, from: &str, to: &str) {
    for (path, text) in Tree::read(&root.join(from)).0 {
        if let Some(text) = text {
            write(root, &format!("{to}/{}", path.display()), &text);
        }
    }
}

/// The exit code, and the document.
fn doctor(sandbox: &Sandbox, folder: &str, args: &[&str]) -> (Option<i32>, Value) {
    let output = sandbox.umbrella(folder, [&["doctor", "--json"], args].concat()).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout);
    let document = serde_json::from_str(&said);
    let document = document
        .unwrap_or_else(|error| panic!("{error}: {said}\n{}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code(), document)
}

/// The kinds of a level, in order.
fn kinds<'a>(document: &'a Value, level: &str) -> Vec<&'a str> {
    let findings = document["findings"].as_array().expect("a list").iter();
    findings
        .filter(|found| found["level"] == level)
        .map(|found| found["kind"].as_str().expect("a word"))
        .collect()
}

/// Notes of what this machine has not installed are no matter of the umbrella.
fn notes(document: &Value) -> Vec<&str> {
    kinds(document, "note").into_iter().filter(|kind| *kind != "tool_missing").collect()
}

fn made(sandbox: &Sandbox) {
    let args = "new abc --umbrella --app a --app b:sup --app c:sup --dep a:c";
    succeed(&mut sandbox.umbrella("", args.split(' ')));
}

/// Each fault with its place: `rule Cargo.toml: deny.b = ["cc"]`.
fn faults(root: &Path, document: &Value) -> Vec<String> {
    let findings = document["findings"].as_array().expect("a list").iter();
    let faults = findings.filter(|found| found["level"] == "fault");
    let shown = |found: &Value| {
        let (kind, place) = (found["kind"].as_str().expect("a word"), &found["where"]);
        match (place["file"].as_str(), place["line"].as_u64()) {
            (Some(file), Some(line)) => {
                let text = read(root, file);
                let line = text.lines().nth(usize::try_from(line).expect("a small number") - 1);
                format!("{kind} {file}: {}", line.expect("the file has that line").trim())
            }
            (file, _) => format!("{kind} {}", file.unwrap_or("-")),
        }
    };
    faults.map(shown).collect()
}

fn check(cases: &[Case]) {
    for case in cases {
        let sandbox = Sandbox::new();
        made(&sandbox);
        let root = sandbox.path().join("abc");
        (case.breaks)(&root);
        let broken = Tree::read(sandbox.path());
        let (code, found) = doctor(&sandbox, "abc/config", &[]);
        let text = format!("{found:#}");
        assert_eq!(faults(&root, &found), case.faults, "{text}");
        assert_eq!((code, &found["healthy"]), (Some(1), &Value::Bool(false)), "{text}");
        assert!(text.contains(case.says), "{text}");

        let can_be_mended = text.contains("\"fixable\": true");
        if can_be_mended {
            let (code, planned) = doctor(&sandbox, "abc", &["--fix", "--dry-run"]);
            assert_same_tree(&broken, &Tree::read(sandbox.path()));
            assert_eq!((code, planned["changes"] == Value::Array(vec![])), (Some(1), false), "{planned:#}");
        }
        let (code, mended) = doctor(&sandbox, "abc", &["--fix"]);
        assert_eq!(kinds(&mended, "fault"), case.left, "{text}\n{mended:#}");
        assert_eq!(code, Some(i32::from(!case.left.is_empty())), "{mended:#}");
        if !can_be_mended {
            assert_same_tree(&broken, &Tree::read(sandbox.path()));
        }
    }
}

#[test]
fn what_is_made_is_healthy() {
    let sandbox = Sandbox::new();
    made(&sandbox);
    succeed(&mut sandbox.umbrella("", ["new", "empty", "--umbrella"]));
    succeed(&mut sandbox.umbrella("", ["new", "alone", "--sup"]));
    succeed(&mut sandbox.umbrella("", ["new", "library"]));
    succeed(&mut sandbox.umbrella("abc", ["gen", "server", "b", "Cart"]));
    succeed(&mut sandbox.umbrella("abc", ["gen", "api", "b", "Price"]));
    foreign_workspace(&sandbox.path().join("shop"));
    edit(sandbox.path(), "shop/Cargo.toml", "members = [", "members = [ \"crates/money\",");
    succeed(&mut sandbox.umbrella("shop", ["init"]));
    sandbox.example("kv");
    for folder in ["abc", "empty", "alone", "library", "shop", "kv"] {
        let (code, found) = doctor(&sandbox, folder, &[]);
        assert_eq!(
            (code, kinds(&found, "fault"), notes(&found)),
            (Some(0), vec![], vec![]),
            "{folder}: {found:#}"
        );
    }
    succeed(&mut sandbox.umbrella("shop", ["adopt", "crates/billing-core", "--sup"]));
    let (code, found) = doctor(&sandbox, "shop", &[]);
    assert_eq!((code, notes(&found)), (Some(0), vec!["rust_version_absent"]), "{found:#}");
}

#[test]
fn people_are_told_what_why_and_what_to_type() {
    let sandbox = Sandbox::new();
    made(&sandbox);
    let root = sandbox.path().join("abc");
    fs::create_dir(root.join(".umbrella-aB3dE6")).expect("it can be made");
    write(&root, "config/production.toml", "");
    edit(&root, "apps/b/src/lib.rs", "umbrella::application!();", "");
    edit(&root, "apps/c/Cargo.toml", "c::C", "c::D");
    let said = |args: &[&str]| {
        let output = sandbox.umbrella("abc/apps", args).output().expect("it runs");
        (output.status.code(), String::from_utf8(output.stdout).expect("it is text"))
    };
    let (code, text) = said(&["doctor"]);
    let faults = "\
fault: `c` is started by `c::D`, and nothing in its sources is called `D`
 --> apps/c/Cargo.toml:8
  = why: it does not compile
  = help: write `application = \"c::C\"` in apps/c/Cargo.toml

fault: `b` does not export `application()`
 --> apps/b/src/lib.rs
  = why: releases that start it do not compile
  = help: add `umbrella::application!();` to apps/b/src/lib.rs
  = fix: `umbrella doctor --fix`

note: config/production.toml is of no environment: they are dev, test and prod  config/production.toml
  = help: is it meant to be config/prod.toml?
note: `.umbrella-aB3dE6` is what an interrupted command left  .umbrella-aB3dE6
";
    assert!(text.starts_with(faults), "{text}");
    assert!(text.ends_with("\n2 faults, 1 of which `umbrella doctor --fix` mends\n"), "{text}");
    assert_eq!(code, Some(1));
    let (_, text) = said(&["doctor", "--fix", "--dry-run"]);
    assert!(text.starts_with("* would update b/src/lib.rs (umbrella::application!())\n"), "{text}");
    let (_, text) = said(&["doctor", "--fix", "-q"]);
    assert!(!text.contains("* ") && !text.contains("note") && text.ends_with("\n1 fault\n"), "{text}");
    edit(&root, "apps/c/Cargo.toml", "c::D", "c::C");
    let (code, text) = said(&["doctor", "-q"]);
    assert_eq!(
        (code, text.as_str()),
        (Some(0), "Healthy: 3 applications, 0 crates, 1 release crate, 0 saved deployments\n")
    );
}

#[test]
fn where_no_umbrella_is_nothing_is_healthy() {
    let sandbox = Sandbox::new();
    foreign_workspace(&sandbox.path().join("shop"));
    for folder in ["", "shop"] {
        let output = sandbox.umbrella(folder, ["doctor"]).output().expect("it runs");
        assert_eq!(output.status.code(), Some(102), "{output:?}");
    }
    let output = sandbox.umbrella("", ["doctor", "--dry-run"]).output().expect("it runs");
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}
