//! What is wrong around the sources: compiler, runtime, profiles, git, run files, tools.

use cargo_metadata::semver::{Version, VersionReq};
use toml_edit::{Document, Item};

use super::finding::{Finding, Kind, Mend};
use super::place::get;
use super::{Facts, Place};
use crate::plan::panic_strategy::check_panic_strategy;
use crate::workspace::Workspace;

/// The package that `umbrella` is short for.
const RUNTIME: &str = "umbrella-runtime";

/// What needs no model of the workspace.
pub(super) fn examine(facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(wrong_runtime(facts));
    findings.extend(locked_runtime(facts));
    findings.extend(panics(facts));
    findings.extend(rust_version(facts));
    findings.extend(ignored(facts));
    findings.extend(left_behind(facts));
    findings.extend(facts.machine.missing_tools.iter().map(|tool| {
        let what = format!("{} is not installed: `{}` uses it", tool.name, tool.used_by);
        Finding::new(Kind::ToolMissing, what, format!("`{}`", tool.install))
    }));
    findings
}

/// What needs to know who uses the runtime.
pub(super) fn compiler(facts: &Facts, workspace: &Workspace) -> Vec<Finding> {
    let uses =
        |member: &crate::workspace::Member| member.dependencies.iter().any(|below| below.package == RUNTIME);
    if !workspace.members.iter().any(uses) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let needed = facts.own.rust_version;
    if let Some(installed) =
        facts.machine.toolchain.as_deref().filter(|installed| is_older(installed, needed))
    {
        let what = format!("the compiler is {installed}, and the runtime needs {needed}");
        findings.push(Finding::new(Kind::ToolchainOld, what, "`rustup update`"));
    }
    if declared(facts).is_none() {
        let what = "the workspace does not say which compiler it needs";
        let help = format!("add `rust-version = \"{needed}\"` to [workspace.package] in Cargo.toml");
        findings.push(Finding::new(Kind::RustVersionAbsent, what, help).at(Place::file("Cargo.toml")));
    }
    findings
}

/// What else is called `umbrella` on crates.io would be found by the name alone.
pub(super) fn wrong_runtime(facts: &Facts) -> Option<Finding> {
    let document = Document::parse(facts.manifest()).ok()?;
    let path = ["workspace", "dependencies", "umbrella"];
    let runtime = get(document.as_item(), &path)?;
    let is_ours = runtime.get("package").and_then(Item::as_str) == Some(RUNTIME);
    let is_elsewhere = runtime.get("path").is_some() || runtime.get("git").is_some();
    if is_ours || is_elsewhere {
        return None;
    }
    let what = "`umbrella` in [workspace.dependencies] is not the runtime";
    let help = format!("write `umbrella = {}`", facts.own.runtime);
    Some(Finding::new(Kind::WrongRuntime, what, help).at(Place::key("Cargo.toml", facts.manifest(), &path)))
}

fn locked_runtime(facts: &Facts) -> Option<Finding> {
    let lock = facts.text("Cargo.lock")?;
    let document = Document::parse(lock).ok()?;
    let packages = document.get("package")?.as_array_of_tables()?;
    let runtimes =
        packages.iter().filter(|package| package.get("name").and_then(Item::as_str) == Some(RUNTIME));
    let versions: Vec<&str> = runtimes.filter_map(|package| package.get("version")?.as_str()).collect();
    let line = lock.lines().position(|line| line == format!("name = \"{RUNTIME}\""));
    let place = Place { file: "Cargo.lock".to_owned(), line: line.map(|line| line + 1) };
    let own = facts.own.version;
    let found = match versions.as_slice() {
        [] => return None,
        [locked] if *locked == own => return None,
        [locked] => {
            let fits = VersionReq::parse(own).ok()?.matches(&Version::parse(locked).ok()?)
                || VersionReq::parse(locked).ok()?.matches(&Version::parse(own).ok()?);
            let kind = if fits { Kind::RuntimeOther } else { Kind::RuntimeDiffers };
            let what = format!("the runtime is {locked}, and this command line generates for {own}");
            let help = if is_older(locked, own) {
                format!("`cargo update -p {RUNTIME}`, after [workspace.dependencies] asks for {own}")
            } else {
                format!(
                    "install the command line of that version: `cargo install umbrella-cli --version {locked}`"
                )
            };
            Finding::new(kind, what, help)
        }
        several => {
            let what = format!("there are {} runtimes: {}", several.len(), several.join(", "));
            let help = format!(
                "have everybody write `umbrella.workspace = true`; `cargo tree -i {RUNTIME}` shows who does not"
            );
            Finding::new(Kind::RuntimeTwice, what, help)
        }
    };
    Some(found.at(place))
}

fn panics(facts: &Facts) -> Option<Finding> {
    let error = check_panic_strategy(facts.manifest(), None).err()?;
    let help = "take that line out: a supervisor restarts a process that panicked";
    Some(Finding::new(Kind::PanicAborts, error.to_string(), help).at(Place::of(&error)))
}

/// The compiler that the root asks for, and where.
fn declared(facts: &Facts) -> Option<(String, Place)> {
    let document = Document::parse(facts.manifest()).ok()?;
    let paths: [&[&str]; 2] = [&["workspace", "package", "rust-version"], &["package", "rust-version"]];
    paths.into_iter().find_map(|path| {
        let version = get(document.as_item(), path)?.as_str()?.to_owned();
        Some((version, Place::key("Cargo.toml", facts.manifest(), path)))
    })
}

fn rust_version(facts: &Facts) -> Option<Finding> {
    let (wanted, place) = declared(facts)?;
    let installed = facts.machine.toolchain.as_deref().filter(|installed| is_older(installed, &wanted))?;
    let what = format!("the workspace asks for Rust {wanted}, and the compiler is {installed}");
    let help = format!("`rustup update`, or write `rust-version = \"{installed}\"`");
    Some(Finding::new(Kind::RustVersionHigh, what, help).at(place))
}

/// Whether one version, of which parts may be missing, is older than another.
fn is_older(one: &str, other: &str) -> bool {
    let numbers = |version: &str| {
        let release = version.split(['-', '+']).next().unwrap_or_default();
        let mut parts: Vec<u64> = release.split('.').map(|part| part.parse().unwrap_or(0)).collect();
        parts.resize(3, 0);
        parts
    };
    numbers(one) < numbers(other)
}

fn ignored(facts: &Facts) -> Option<Finding> {
    if facts.machine.ignores_target != Some(false) {
        return None;
    }
    let help = "add the line `/target` to .gitignore";
    let finding = Finding::new(Kind::NotIgnored, "git does not ignore `target`", help);
    Some(finding.at(Place::file(".gitignore")).mended(Mend::Ignore))
}

fn left_behind(facts: &Facts) -> Vec<Finding> {
    let stale = facts.machine.stale_nodes.iter().map(|node| {
        let (name, file) = (&node.name, facts.shown(&node.path));
        let what = match node.pid {
            Some(pid) => format!("the node `{name}` (pid {pid}) is gone and left its run file"),
            None => format!("the run file of the node `{name}` cannot be read"),
        };
        let help = format!(
            "`umbrella status --why` says what it died of; `umbrella stop` forgets it, or `rm {file}`"
        );
        let help = if node.pid.is_some() { help } else { format!("`rm {file}`") };
        Finding::new(Kind::StaleNode, what, help)
            .at(Place::file(file))
            .mended(Mend::Forget(node.path.clone()))
    });
    let leftovers = facts.machine.leftovers.iter().map(|folder| {
        let what = format!("`{folder}` is what an interrupted command left");
        let help = format!("look into it, then `rm -r {folder}`");
        Finding::new(Kind::Leftover, what, help).at(Place::file(folder.clone()))
    });
    stale.chain(leftovers).collect()
}

#[cfg(test)]
mod tests {
    use super::is_older;

    #[test]
    fn versions_are_compared_by_number() {
        assert!(is_older("1.9", "1.10") && is_older("1.89.0", "1.90") && is_older("0.1.0", "0.1.1"));
        assert!(
            !is_older("1.89.0", "1.89") && !is_older("2", "1.95.1") && !is_older("1.95.0-nightly", "1.95")
        );
    }
}
