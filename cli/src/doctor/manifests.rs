//! What is wrong with manifests as texts: why cargo cannot read the workspace.

use std::collections::BTreeMap;

use toml_edit::Document;

use super::facts::manifest_in;
use super::finding::{Finding, Kind, Mend};
use super::root::{Depends, GENERATED, Root, covers, depends, is_pattern, package_name};
use super::{Facts, Place};
use crate::workspace::did_you_mean;

/// What is found in manifests, in files of the configuration and in `Cargo.lock` without asking cargo.
pub(super) fn examine(facts: &Facts) -> Vec<Finding> {
    let mut findings = not_toml(facts);
    if let Some(root) = Root::read(facts.manifest()) {
        let members = Members::read(facts, &root);
        findings.extend(members.missing());
        findings.extend(members.bare());
        findings.extend(members.paths());
        findings.extend(members.not_inherited());
        findings.extend(members.twice());
    }
    findings
}

fn not_toml(facts: &Facts) -> Vec<Finding> {
    let manifests = facts.manifests.iter().map(|folder| manifest_in(folder));
    let configuration = facts.configuration.iter().map(|name| format!("config/{name}"));
    let files = manifests.chain(configuration).chain(["Cargo.lock".to_owned()]);
    files.filter_map(|file| no_toml(&file, facts.text(&file)?)).collect()
}

fn no_toml(file: &str, text: &str) -> Option<Finding> {
    let error = Document::parse(text).err()?;
    let marker = text.lines().position(|line| line.starts_with("<<<<<<< "));
    if let Some(line) = marker {
        let what = format!("`{file}` holds a merge that is not finished");
        let place = Place { file: file.to_owned(), line: Some(line + 1) };
        return Some(
            Finding::new(Kind::NotToml, what, "choose between the two sides, then `git add` it").at(place),
        );
    }
    let what = format!("`{file}` is not valid TOML: {}", error.message().replace('\n', " "));
    let place = error.span().map(|span| Place::byte(file, text, span.start));
    Some(Finding::new(Kind::NotToml, what, "correct that line").at(place))
}

/// The members as the root names them.
struct Members<'a> {
    facts: &'a Facts,
    root: &'a Root,
    /// The name of the package in each folder, whether it is a member or not.
    packages: BTreeMap<&'a str, String>,
    /// Where members lie now that are named elsewhere.
    moved: BTreeMap<&'a str, &'a str>,
}

impl<'a> Members<'a> {
    fn read(facts: &'a Facts, root: &'a Root) -> Self {
        let package =
            |folder: &'a String| Some((folder.as_str(), package_name(facts.text(&manifest_in(folder))?)?));
        let packages: BTreeMap<&str, String> = facts.manifests.iter().filter_map(package).collect();
        let mut members = Self { facts, root, packages, moved: BTreeMap::new() };
        let moved = root.members.iter().filter(|member| members.is_missing(member));
        members.moved = moved.filter_map(|from| Some((from.as_str(), members.moved_to(from)?))).collect();
        members
    }

    fn is_missing(&self, member: &str) -> bool {
        if !is_pattern(member) {
            return self.facts.missing.contains(member) && !self.root.excludes(member);
        }
        // Cargo takes a pattern that covers nothing for the name of a folder.
        let mut folders = self.facts.manifests.iter().chain(&self.facts.bare_folders);
        !["**", "?", "["].iter().any(|sign| member.contains(sign))
            && !folders.any(|folder| covers(member, folder))
    }

    /// The one folder outside of the workspace that has the package which is said to be in `from`.
    fn moved_to(&self, from: &str) -> Option<&'a str> {
        let shared = self.root.shared.values().find(|shared| shared.path.as_deref() == Some(from));
        let package =
            shared.map_or_else(|| from.rsplit('/').next().unwrap_or(from), |shared| &shared.package);
        let mut there =
            self.packages.iter().filter(|(folder, name)| *name == package && !self.root.has(folder));
        let (folder, _) = there.next()?;
        there.next().is_none().then_some(*folder)
    }

    fn missing(&self) -> Vec<Finding> {
        let found = |member: &String| {
            let place =
                Place::element("Cargo.toml", self.facts.manifest(), &["workspace", "members"], member);
            if let Some(to) = self.moved.get(member.as_str()) {
                let what = format!("`{member}` is a member and is not there: its package is in `{to}`");
                let help =
                    format!("write `{to}` instead of `{member}` in Cargo.toml, or move the folder back");
                let mend = Mend::MoveMember { from: member.clone(), to: (*to).to_owned() };
                return Finding::new(Kind::MemberMoved, what, help).at(place).mended(mend);
            }
            let (what, help) = if is_pattern(member) {
                (format!("`{member}` in `members` covers no crate"), "take it out of `members`".to_owned())
            } else {
                let help =
                    format!("take it out of `members`, or bring the folder back: `git restore {member}`");
                (format!("`{member}` is a member and is not there"), help)
            };
            Finding::new(Kind::MemberMissing, what, help).at(place).mended(Mend::DropMember(member.clone()))
        };
        self.root.members.iter().filter(|member| self.is_missing(member)).map(found).collect()
    }

    fn bare(&self) -> Vec<Finding> {
        let found = |folder: &String| {
            let what = format!("`{folder}` is covered by a pattern of `members` and has no Cargo.toml");
            let help = format!("remove the folder if it is empty: `rmdir {folder}`; or name it in `exclude`");
            Finding::new(Kind::FolderWithoutManifest, what, help).at(Place::key(
                "Cargo.toml",
                self.facts.manifest(),
                &["workspace", "members"],
            ))
        };
        self.facts.bare_folders.iter().filter(|folder| !self.root.excludes(folder)).map(found).collect()
    }

    /// The members with a text, and whether it is generated.
    fn each(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let folders = self.facts.manifests.iter().filter(|folder| self.root.has(folder));
        folders.filter_map(|folder| Some((folder.as_str(), self.facts.text(&manifest_in(folder))?)))
    }

    fn depends(&self) -> impl Iterator<Item = (&'a str, &'a str, Depends)> {
        self.each()
            .flat_map(|(folder, text)| depends(text, folder).into_iter().map(move |it| (folder, text, it)))
    }

    fn paths(&self) -> Vec<Finding> {
        let gone =
            |path: &String| self.facts.missing.contains(path) && !self.moved.contains_key(path.as_str());
        let mut found = Vec::new();
        for (name, shared) in &self.root.shared {
            let Some(path) = shared.path.as_ref().filter(|path| gone(path)) else { continue };
            let inherits = |(_, _, it): &(&str, &str, Depends)| it.is_inherited && it.name == *name;
            let users: Vec<_> = self.depends().filter(inherits).collect();
            let needing = users.iter().filter(|(_, text, _)| !text.starts_with(GENERATED));
            let needing: Vec<String> = needing.map(|(folder, ..)| manifest_in(folder)).collect();
            let kind = if users.is_empty() { Kind::SharedMissing } else { Kind::PathMissing };
            let what = format!("`{name}` is said to be in `{path}`, where no crate is");
            let place = Place::key("Cargo.toml", self.facts.manifest(), &["workspace", "dependencies", name]);
            let help = if needing.is_empty() {
                format!("take `{name}` out of [workspace.dependencies]")
            } else {
                let needing = needing.join(", ");
                format!("{needing} needs it: take it out there, write where it is, or `git restore {path}`")
            };
            let mend = needing.is_empty().then(|| Mend::Unshare(name.clone()));
            found.push(Finding::new(kind, what, help).at(place).mended(mend));
        }
        for (folder, text, it) in self.depends() {
            let Some(path) = it.path.as_ref().filter(|path| self.facts.missing.contains(*path)) else {
                continue;
            };
            let file = manifest_in(folder);
            let what = format!("`{file}` says that `{}` is in `{path}`, where no crate is", it.name);
            let place = key_of(file, text, &it);
            found.push(
                Finding::new(
                    Kind::PathMissing,
                    what,
                    format!("write where it is, take it out, or `git restore {path}`"),
                )
                .at(place),
            );
        }
        found
    }

    fn not_inherited(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        for (folder, text, it) in self.depends() {
            if !it.is_inherited || self.root.shared.contains_key(&it.name) {
                continue;
            }
            let (name, file) = (&it.name, manifest_in(folder));
            let place = key_of(&file, text, &it);
            let what = format!("`{file}` inherits `{name}`, and [workspace.dependencies] has none");
            let mend = self.share(name).or_else(|| {
                let manifest = self.facts.root.join(&file);
                text.starts_with(GENERATED).then(|| Mend::Forsake { manifest, name: name.clone() })
            });
            let help = match (&mend, did_you_mean(name, self.root.shared.keys().map(String::as_str))) {
                (Some(Mend::Share { value, .. }), _) => {
                    format!("add `{name} = {value}` to [workspace.dependencies] in Cargo.toml")
                }
                (Some(_), _) => format!("take `{name}` out of it: it is generated"),
                (None, Some(near)) => format!("did you mean `{near}`?"),
                (None, None) => format!("take `{name}` out of it, or add it to [workspace.dependencies]"),
            };
            found.push(Finding::new(Kind::NothingToInherit, what, help).at(place).mended(mend));
        }
        found
    }

    /// How `name` can be shared, if it is known what it is.
    fn share(&self, name: &str) -> Option<Mend> {
        let value = if name == "umbrella" {
            self.facts.own.runtime.clone()
        } else {
            let (folder, _) =
                self.packages.iter().find(|(folder, package)| *package == name && self.root.has(folder))?;
            format!("{{ path = \"{folder}\" }}")
        };
        Some(Mend::Share { name: name.to_owned(), value })
    }

    fn twice(&self) -> Vec<Finding> {
        let mut folders: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (folder, package) in self.packages.iter().filter(|(folder, _)| self.root.has(folder)) {
            folders.entry(package).or_default().push(folder);
        }
        let found = |(package, folders): (&str, Vec<&str>)| {
            let [.., first, second] = folders.as_slice() else { return None };
            let what = format!("`{first}` and `{second}` are both the package `{package}`");
            let file = manifest_in(second);
            let place =
                Place::key(file.clone(), self.facts.text(&file).unwrap_or_default(), &["package", "name"]);
            let help = format!("give one of them another name: `name = \"...\"` in {file}");
            Some(Finding::new(Kind::PackageTwice, what, help).at(place))
        };
        folders.into_iter().filter_map(found).collect()
    }
}

fn key_of(file: impl Into<String>, text: &str, it: &Depends) -> Place {
    let path: Vec<&str> = it.table.iter().map(String::as_str).chain([it.name.as_str()]).collect();
    Place::key(file, text, &path)
}
