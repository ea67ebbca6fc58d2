//! What cargo puts into the environment of a test program, besides what is of its package; and whether that has a harness
//! of its own. PURE but for the reading of manifests and of cargo's configuration.
//!
//! Source: the Cargo book, "Environment Variables", and "Configuration", `[env]`.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::Target;
use toml_edit::{Document, Item};

/// The variables that cargo's configuration sets in `folder`: the nearest file that names one decides.
pub(super) fn configured(
    folder: &Path,
    environment: &BTreeMap<OsString, OsString>,
) -> Vec<(String, OsString)> {
    let home = environment.get(&OsString::from("CARGO_HOME")).map(PathBuf::from);
    let home = home.or_else(|| Some(Path::new(environment.get(&OsString::from("HOME"))?).join(".cargo")));
    let near = folder.ancestors().map(|folder| folder.join(".cargo"));
    let mut found: BTreeMap<String, OsString> = BTreeMap::new();
    for place in near.chain(home) {
        // Where both are there, cargo reads the one without an ending.
        let texts = ["config", "config.toml"].map(|name| fs::read_to_string(place.join(name)).ok());
        let Some(text) = texts.into_iter().flatten().next() else { continue };
        for (name, value) in variables(&text, place.parent().unwrap_or(&place), environment) {
            found.entry(name).or_insert(value);
        }
    }
    found.into_iter().collect()
}

/// The table `[env]` of a configuration file whose paths start at `base`, without what the environment has already.
fn variables(text: &str, base: &Path, environment: &BTreeMap<OsString, OsString>) -> Vec<(String, OsString)> {
    let Ok(document) = Document::parse(text) else { return Vec::new() };
    let entries = document.get("env").and_then(Item::as_table_like);
    let variable = |(name, item): (&str, &Item)| {
        let is = |key| item.get(key).and_then(Item::as_bool).unwrap_or_default();
        let value = item.as_str().or_else(|| item.get("value")?.as_str())?;
        let value = if is("relative") { base.join(value).into_os_string() } else { value.into() };
        let is_kept = environment.contains_key(&OsString::from(name)) && !is("force");
        (!is_kept).then(|| (name.to_owned(), value))
    };
    entries.map(|table| table.iter().filter_map(variable).collect()).unwrap_or_default()
}

/// Whether the manifest gives a target a harness of its own.
pub(super) fn has_own_harness(manifest: &str, target: &Target) -> bool {
    let Ok(document) = Document::parse(manifest) else { return false };
    let says_so = |item: &Item| item.get("harness").and_then(Item::as_bool) == Some(false);
    let among = |key: &str| {
        let tables = document.get(key).and_then(Item::as_array_of_tables);
        tables.is_some_and(|tables| {
            tables.iter().any(|table| {
                table.get("name").and_then(Item::as_str) == Some(&target.name)
                    && table.get("harness").and_then(Item::as_bool) == Some(false)
            })
        })
    };
    if target.is_test() {
        among("test")
    } else if target.is_bin() {
        among("bin")
    } else if target.is_example() {
        among("example")
    } else if target.is_bench() {
        among("bench")
    } else {
        document.get("lib").is_some_and(says_so)
    }
}

/// What cargo says of a version, part by part.
pub(super) fn of_version(version: &str) -> Vec<(OsString, OsString)> {
    let version = version.split('+').next().unwrap_or_default();
    let (numbers, pre) = version.split_once('-').unwrap_or((version, ""));
    let mut parts = numbers.split('.');
    let mut of =
        |name: &str| (format!("CARGO_PKG_VERSION_{name}").into(), parts.next().unwrap_or("0").into());
    let mut variables = vec![of("MAJOR"), of("MINOR"), of("PATCH")];
    variables.push(("CARGO_PKG_VERSION_PRE".into(), pre.into()));
    variables
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_has_its_way_unless_the_configuration_forces_it() {
        let environment = BTreeMap::from([("KEPT".into(), "old".into()), ("FORCED".into(), "old".into())]);
        let text = "[env]\nKEPT = \"new\"\nFORCED = { value = \"new\", force = true }\nPLAIN = \"x\"\n\
                    PLACE = { value = \"data\", relative = true }\nODD = 3\n";
        let found = variables(text, Path::new("/w"), &environment);
        let found: Vec<String> =
            found.iter().map(|(name, value)| format!("{name}={}", value.display())).collect();
        assert_eq!(found, ["FORCED=new", "PLAIN=x", "PLACE=/w/data"]);
        assert!(variables("no [ toml", Path::new("/w"), &environment).is_empty());
    }

    #[test]
    fn versions_come_in_parts() {
        let of = |version| of_version(version).into_iter().map(|(_, part)| part).collect::<Vec<_>>();
        assert_eq!(of("1.2.3"), ["1", "2", "3", ""]);
        assert_eq!(of("1.2.3-rc.1+build.5"), ["1", "2", "3", "rc.1"]);
        assert_eq!(of("1.2.3+a-b"), ["1", "2", "3", ""]);
    }
}
