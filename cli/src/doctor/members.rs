//! What is wrong with applications and crates of a workspace that cargo can read.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::facts::manifest_in;
use super::finding::{Finding, Kind, Mend};
use super::root::{GENERATED, Root, package_name};
use super::{Facts, Place};
use crate::rust::{calls_macro, has_module, has_name, implementors, uses_crate};
use crate::workspace::{App, AppKind, DependencyKind, Member, MemberRole, Workspace, did_you_mean, manifest};

/// Where a manifest says what its crate is.
const TABLE: [&str; 4] = ["package", "metadata", "umbrella", "application"];

pub(super) fn examine(facts: &Facts, workspace: &Workspace) -> Vec<Finding> {
    let mut findings = circles(workspace);
    for member in &workspace.members {
        let it = Crate { facts, member, folder: workspace.folder_of(member) };
        match (member.role, workspace.app(&member.name)) {
            (_, Some(app)) => findings.extend(it.application(app)),
            (MemberRole::Crate, None) => findings.extend(it.not_marked()),
            (_, None) => {}
        }
    }
    findings.extend(strays(facts, workspace));
    findings
}

/// A member, with what it is written in.
struct Crate<'a> {
    facts: &'a Facts,
    member: &'a Member,
    folder: String,
}

impl Crate<'_> {
    fn application(&self, app: &App) -> Vec<Finding> {
        if let Some(missing) = self.no_library() {
            return vec![missing];
        }
        let found = [self.no_callback(app), self.no_runtime(), self.no_export(app), self.not_shared()];
        let mut found: Vec<Finding> = found.into_iter().flatten().collect();
        if matches!(app.kind, AppKind::Library) {
            found.extend(self.not_marked());
        }
        found
    }

    fn manifest(&self) -> (String, &str) {
        let file = manifest_in(&self.folder);
        let text = self.facts.text(&file).unwrap_or_default();
        (file, text)
    }

    fn at(&self, key: &[&str]) -> Place {
        let (file, text) = self.manifest();
        Place::key(file, text, key)
    }

    fn anywhere(&self, is_so: impl Fn(&str) -> bool) -> bool {
        self.facts.code_of(&self.folder).any(|(_, text)| is_so(text))
    }

    fn library(&self) -> std::path::PathBuf {
        self.member.path.join("src/lib.rs")
    }

    fn no_library(&self) -> Option<Finding> {
        let (_, text) = self.manifest();
        let is_elsewhere =
            toml_edit::Document::parse(text).is_ok_and(|document| document.contains_key("lib"));
        if is_elsewhere || self.facts.sources.get(&self.library()).is_some() {
            return None;
        }
        let what = format!("`{}` is an application and has no src/lib.rs", self.member.name);
        let help = format!(
            "make {}/src/lib.rs, or take [package.metadata.umbrella] out of its Cargo.toml",
            self.folder
        );
        Some(Finding::new(Kind::NoLibrary, what, help).at(self.at(&TABLE[..3])))
    }

    /// The types that could be the callback.
    fn callbacks(&self) -> Vec<&str> {
        let sources = self.facts.code_of(&self.folder);
        let sources = sources.filter(|(_, text)| text.contains("Application for"));
        let mut found: Vec<&str> = sources.flat_map(|(_, text)| implementors(text, "Application")).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    fn no_callback(&self, app: &App) -> Option<Finding> {
        let AppKind::Supervised { callback, .. } = &app.kind else { return None };
        let (krate, library) = (callback.split("::").next()?, self.library_name());
        let last = callback.rsplit("::").next()?;
        let callbacks = self.callbacks();
        let better = callbacks.iter().copied();
        let better = did_you_mean(last, better.clone()).or_else(|| better.last()).unwrap_or(last);
        let is_path = callback.contains("::") && (krate == library || krate == "crate");
        if is_path && self.anywhere(|text| has_name(text, last)) {
            return None;
        }
        let name = &self.member.name;
        let what = if is_path {
            format!("`{name}` is started by `{callback}`, and nothing in its sources is called `{last}`")
        } else {
            format!("`{name}` is started by `{callback}`, which is no path of the crate `{library}`")
        };
        let help = if callbacks.is_empty() && is_path {
            format!("implement `Application` for a type `{last}` in {}/src", self.folder)
        } else {
            format!("write `application = \"{library}::{better}\"` in {}", self.manifest().0)
        };
        Some(Finding::new(Kind::NoCallback, what, help).at(self.at(&TABLE)))
    }

    /// The name by which code refers to it.
    fn library_name(&self) -> String {
        let (_, text) = self.manifest();
        let document = toml_edit::Document::parse(text).ok();
        let named = document.as_ref().and_then(|document| document.get("lib")?.get("name")?.as_str());
        named.unwrap_or(&self.member.name).replace('-', "_")
    }

    fn no_runtime(&self) -> Option<Finding> {
        if self.member.dependencies.iter().any(|below| below.package == "umbrella-runtime") {
            return None;
        }
        let own_module =
            self.facts.sources.get(&self.library()).is_some_and(|text| has_module(text, "umbrella"));
        let uses = |text: &str| text.contains("umbrella") && uses_crate(text, "umbrella");
        let (path, text) = self.facts.code_of(&self.folder).find(|(_, text)| !own_module && uses(text))?;
        let offset = text.find("umbrella::").unwrap_or_default();
        let (file, _) = self.manifest();
        let what = format!("`{}` uses the runtime and does not depend on it", self.member.name);
        let help = format!("add `umbrella.workspace = true` to [dependencies] in {file}");
        let manifest = self.facts.root.join(file);
        let place = Place::byte(self.facts.shown(path), text, offset);
        Some(Finding::new(Kind::NoRuntime, what, help).at(place).mended(Mend::Depend { manifest }))
    }

    fn no_export(&self, app: &App) -> Option<Finding> {
        if !app.exports_application() || self.anywhere(|text| calls_macro(text, "application")) {
            return None;
        }
        let what = format!("`{}` does not export `application()`", self.member.name);
        let library = self.library();
        let file = self.facts.shown(&library);
        let is_there = self.facts.sources.get(&library).is_some();
        let help = format!("add `umbrella::application!();` to {file}");
        let mend = is_there.then_some(Mend::Export { library });
        Some(Finding::new(Kind::NoExport, what, help).at(Place::file(file)).mended(mend))
    }

    fn not_marked(&self) -> Option<Finding> {
        if !self.anywhere(|text| text.contains("application!") && calls_macro(text, "application")) {
            return None;
        }
        let callback = *self.callbacks().first()?;
        let name = &self.member.name;
        let callback = format!("{}::{callback}", self.library_name());
        let (file, _) = self.manifest();
        let what = format!("`{name}` has the callback `{callback}`, and its manifest does not say so");
        let line = format!("`application = \"{callback}\"`");
        if self.member.role == MemberRole::Library {
            let help = format!("write {line} instead of `library = true` in {file}");
            return Some(Finding::new(Kind::NotMarked, what, help).at(self.at(&TABLE[..3])));
        }
        let help = format!("add {line} to [package.metadata.umbrella] in {file}");
        let mend = Mend::Mark { manifest: self.facts.root.join(&file), callback };
        Some(Finding::new(Kind::NotMarked, what, help).at(Place::file(file)).mended(mend))
    }

    fn not_shared(&self) -> Option<Finding> {
        let name = &self.member.name;
        if manifest::has_workspace_dependency(self.facts.manifest(), name) {
            return None;
        }
        let value = format!("{{ path = \"{}\" }}", self.folder);
        let what = format!("`{name}` is an application and not in [workspace.dependencies]");
        let help = format!("add `{name} = {value}` there");
        let place = Place::key("Cargo.toml", self.facts.manifest(), &["workspace", "dependencies"]);
        let mend = Mend::Share { name: name.clone(), value };
        Some(Finding::new(Kind::NotShared, what, help).at(place).mended(mend))
    }
}

/// The shortest circle through each member that is the first of it by name.
fn circles(workspace: &Workspace) -> Vec<Finding> {
    let built = [DependencyKind::Normal, DependencyKind::Build];
    let below: BTreeMap<&str, BTreeSet<&str>> =
        workspace.members.iter().map(|member| (member.name.as_str(), member.members_below(&built))).collect();
    let found = |start: &&str| {
        let circle = circle(&below, start)?;
        let what = format!("these depend on each other in a circle: {}", circle.join(" -> "));
        let help = "take one of these dependencies out; what both need can become a crate below them";
        let member = workspace.member(circle[0])?;
        let file = manifest_in(&workspace.folder_of(member));
        Some(Finding::new(Kind::Circle, what, help).at(Place::file(file)))
    };
    below.keys().filter_map(found).collect()
}

fn circle<'a>(below: &BTreeMap<&'a str, BTreeSet<&'a str>>, start: &'a str) -> Option<Vec<&'a str>> {
    let mut ways = VecDeque::from([vec![start]]);
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop_front() {
        for next in below.get(way.last()?).into_iter().flatten().filter(|next| **next >= start) {
            if *next == start {
                return Some([way, vec![start]].concat());
            }
            if seen.insert(*next) {
                ways.push_back([way.clone(), vec![next]].concat());
            }
        }
    }
    None
}

/// Folders of what tests are run on, and of what others wrote.
const NOT_OURS: [&str; 6] = ["tests", "fixtures", "testdata", "test-data", "vendor", "third_party"];

/// Crates that lie below the root, and that neither are members nor were left out.
fn strays(facts: &Facts, workspace: &Workspace) -> Vec<Finding> {
    let root = Root::read(facts.manifest()).unwrap_or_default();
    let members: Vec<String> = workspace.members.iter().map(|member| workspace.folder_of(member)).collect();
    let is_inside = |folder: &str, member: &String| {
        member != "."
            && folder
                .strip_prefix(member.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let is_stray = |folder: &&String| {
        folder.as_str() != "."
            && !root.excludes(folder)
            && !members.iter().any(|member| is_inside(folder, member))
            && !folder.split('/').any(|part| NOT_OURS.contains(&part))
    };
    let found = |folder: &String| {
        let file = manifest_in(folder);
        let text = facts.text(&file).unwrap_or_default();
        package_name(text)?;
        if text.starts_with(GENERATED) {
            let what = format!("the release crate in `{folder}` is no member of the workspace");
            let help =
                format!("add \"{folder}\" to `members` in Cargo.toml, or remove the folder: it is generated");
            let mend = Mend::AddMember(folder.clone());
            return Some(Finding::new(Kind::ReleaseStray, what, help).at(Place::file(file)).mended(mend));
        }
        let what = format!("the crate in `{folder}` is neither a member of the workspace nor excluded");
        let help = format!(
            "`umbrella adopt {folder}` makes an application of it; or name it in `members` or `exclude` of Cargo.toml"
        );
        Some(Finding::new(Kind::Stray, what, help).at(Place::file(file)))
    };
    facts.manifests.iter().filter(is_stray).filter_map(found).collect()
}
