//! What each crate may depend on, and what holds for every crate.

use toml::{Table, Value};

use crate::findings::Findings;
use crate::source;

const CRATES: &[&str] = &["cli", "runtime", "runtime/benches/peers", "runtime/macros", "templates", "tests"];

/// A crate, and those of ours that it may depend on in shipped code.
const OURS: &[(&str, &[&str])] = &[
    ("cli", &["umbrella-templates"]),
    ("runtime", &["umbrella-macros"]),
    ("runtime/macros", &[]),
    ("templates", &[]),
    ("tests", &["umbrella", "umbrella-cli", "umbrella-templates"]),
];

/// Crates of others that only these of ours may ship, since they are what it is for.
const WARDS: &[(&str, &str)] = &[
    ("cargo_metadata", "cli"),
    ("clap", "cli"),
    ("handlebars", "templates"),
    // Reads what templates of users make, before it is written.
    ("syn", "cli"),
    ("syn", "runtime/macros"),
    ("tokio", "runtime"),
    ("toml_edit", "cli"),
];

#[test]
fn the_command_line_and_the_runtime_do_not_know_each_other() {
    let mut findings = Findings::new(
        "the command line never links the runtime, nor the runtime the command line",
        "they meet in two places only: the generated main.rs and the control socket",
    );
    for (krate, allowed) in OURS {
        for name in dependencies(krate) {
            if name.starts_with("umbrella") && !allowed.contains(&name.as_str()) {
                findings.file(&format!("{krate}/Cargo.toml"), format_args!("may not depend on `{name}`"));
            }
        }
    }
    findings.none();
}

#[test]
fn a_dependency_has_one_home() {
    let mut findings = Findings::new(
        "tokio lives in the runtime, cargo_metadata and toml_edit in the command line, handlebars in the templates",
        "ask the crate that owns it, through a type of its own",
    );
    for krate in CRATES {
        for name in dependencies(krate) {
            let homes = || WARDS.iter().filter(|(ward, _)| *ward == name);
            if homes().next().is_some() && homes().all(|(_, home)| home != krate) {
                findings.file(&format!("{krate}/Cargo.toml"), format_args!("may not depend on `{name}`"));
            }
        }
    }
    findings.none();
}

#[test]
fn versions_and_lints_are_those_of_the_workspace() {
    let mut findings = Findings::new(
        "the root Cargo.toml has every version and every lint",
        "write `<name>.workspace = true`, and `[lints] workspace = true`",
    );
    for krate in CRATES {
        let path = format!("{krate}/Cargo.toml");
        let manifest = manifest(krate);
        for (name, value) in all_dependencies(&manifest) {
            if value.get("workspace") != Some(&Value::Boolean(true)) {
                findings.file(&path, format_args!("`{name}` has a version of its own"));
            }
        }
        let lints = manifest.get("lints").and_then(|lints| lints.get("workspace"));
        if lints != Some(&Value::Boolean(true)) {
            findings.file(&path, "has lints of its own");
        }
    }
    findings.none();
}

#[test]
fn every_dependency_is_used() {
    let mut findings =
        Findings::new("what Cargo.toml lists is used", "remove it from [workspace.dependencies]");
    let listed = table(&parse("Cargo.toml"), &["workspace", "dependencies"]);
    let used: Vec<String> = CRATES
        .iter()
        .flat_map(|krate| all_dependencies(&manifest(krate)).into_iter().map(|(name, _)| name))
        .collect();
    for name in listed.keys().filter(|name| !used.contains(name)) {
        findings.file("Cargo.toml", format_args!("no crate depends on `{name}`"));
    }
    findings.none();
}

fn parse(path: &str) -> Table {
    let file = source::file(path).unwrap_or_else(|| panic!("there is no {path}"));
    file.text.parse().unwrap_or_else(|error| panic!("cannot parse {path}: {error}"))
}

fn manifest(krate: &str) -> Table {
    parse(&format!("{krate}/Cargo.toml"))
}

fn table(within: &Table, path: &[&str]) -> Table {
    let found = path.iter().try_fold(within, |table, key| table.get(*key).and_then(Value::as_table));
    found.cloned().unwrap_or_default()
}

/// What `krate` ships with.
fn dependencies(krate: &str) -> Vec<String> {
    table(&manifest(krate), &["dependencies"]).keys().cloned().collect()
}

fn all_dependencies(manifest: &Table) -> Vec<(String, Value)> {
    let kinds = ["dependencies", "dev-dependencies", "build-dependencies"];
    let of = |table_of: &Table| kinds.iter().flat_map(|kind| table(table_of, &[kind])).collect::<Vec<_>>();
    let targets = table(manifest, &["target"]);
    of(manifest).into_iter().chain(targets.values().filter_map(Value::as_table).flat_map(of)).collect()
}
