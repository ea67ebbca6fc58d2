//! `umbrella rename OLD NEW`: an application under another name, with all that refers to it. PURE.

use std::path::{Path, PathBuf};

use toml_edit::{Document, Item, TableLike, Value};

use super::release_crate::rewrite_whole_release;
use super::{Plan, PlanError, Step};
use crate::rust::{mentions, rename_crate};
use crate::workspace::{App, AppName, Sources, Workspace};

/// Who is renamed.
#[derive(Debug, Clone, Copy)]
pub struct Renaming<'a> {
    /// The application.
    pub app: &'a App,
    /// Its new name, checked.
    pub new: &'a AppName,
}

/// A plan, and the places that only people understand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renamed {
    /// What is changed.
    pub plan: Plan,
    /// Files and lines where the old name stands in a comment or a text.
    pub look_at: Vec<(PathBuf, usize)>,
}

/// Plans the renaming in the files that were read.
///
/// # Errors
/// [`PlanError`] only for a defect in a template.
pub fn rename(
    workspace: &Workspace,
    sources: &Sources,
    renaming: Renaming<'_>,
) -> Result<Renamed, PlanError> {
    let (old, new) = (renaming.app.name.as_str(), renaming.new.as_str());
    let (old_crate, new_crate) = (renaming.app.name.crate_name(), renaming.new.crate_name());
    let (mut plan, mut look_at) = (Plan::default(), Vec::new());
    for (path, text) in sources.iter() {
        let is = |kind: &str| path.extension().is_some_and(|extension| extension == kind);
        let edited = if path.ends_with("Cargo.toml") {
            renaming.in_manifest(text, path)
        } else if is("toml") {
            in_config(text, old, new)
        } else if is("rs") {
            let lines = mentions(text, &old_crate);
            look_at.extend(lines.into_iter().map(|line| (path.to_owned(), line)));
            rename_crate(text, &old_crate, &new_crate)
        } else {
            in_readme(text, old, new)
        };
        plan.replace(path.to_owned(), text, edited, None);
    }
    let after = renaming.model(workspace);
    rewrite_whole_release(&mut plan, workspace, sources, &after)?;
    if let Some(to) = renaming.moved() {
        plan.steps.push(Step::Move { from: renaming.app.path.clone(), to });
    }
    Ok(Renamed { plan, look_at })
}

impl Renaming<'_> {
    /// Its new folder, if the old one is called after it.
    #[must_use]
    pub fn moved(&self) -> Option<PathBuf> {
        let path = &self.app.path;
        (path.file_name()? == self.app.name.as_str()).then(|| path.with_file_name(self.new.as_str()))
    }

    /// The umbrella afterwards, as far as releases know it.
    fn model(&self, workspace: &Workspace) -> Workspace {
        let mut after = workspace.clone();
        for app in &mut after.apps {
            for name in app.dependencies.iter_mut().chain([&mut app.name]) {
                if *name == self.app.name {
                    *name = self.new.clone();
                }
            }
        }
        after
    }

    fn in_manifest(&self, text: &str, manifest: &Path) -> String {
        let Ok(document) = Document::parse(text) else { return text.to_owned() };
        let mut edits = Vec::new();
        let mut path = Vec::new();
        walk(document.as_table(), &mut path, &mut |path, place| match place {
            Place::Key(span) if self.is_key(path) => edits.push((span, self.new.to_string())),
            Place::Text(value, span) => {
                let changed = self.value(path, value, manifest.parent().unwrap_or(manifest));
                edits.extend(changed.map(|value| (span, format!("\"{value}\""))));
            }
            Place::Key(_) => {}
        });
        edits.sort_by_key(|(span, _)| span.start);
        let mut text = text.to_owned();
        for (span, new) in edits.into_iter().rev() {
            text.replace_range(span, &new);
        }
        text
    }

    /// A key that names the application: in a table of dependencies, or in the rules.
    fn is_key(&self, path: &[String]) -> bool {
        let Some((key, above)) = path.split_last() else { return false };
        let in_dependencies = above.last().is_some_and(|table| table.ends_with("dependencies"));
        key == self.app.name.as_str() && (in_dependencies || is_umbrella(path, "rules"))
    }

    fn value(&self, path: &[String], value: &str, folder: &Path) -> Option<String> {
        let (old, new) = (self.app.name.as_str(), self.new.as_str());
        let parts: Vec<&str> = path.iter().map(String::as_str).collect();
        let equal = |old: &str, new: &str| (value == old).then(|| new.to_owned());
        match parts.as_slice() {
            ["package", "name"] => equal(old, new),
            ["lib", "name"] => equal(&self.app.name.crate_name(), &self.new.crate_name()),
            ["package", "metadata", "umbrella", "application"] => {
                let rest = value.strip_prefix(&self.app.name.crate_name())?;
                rest.starts_with("::").then(|| self.new.crate_name() + rest)
            }
            ["workspace", "members" | "default-members" | "exclude"] => self.folder(value, folder),
            ["features", ..] => {
                let (prefix, rest) = value.strip_prefix("dep:").map_or(("", value), |rest| ("dep:", rest));
                let after = rest.strip_prefix(old)?;
                (after.is_empty() && prefix == "dep:" || after.starts_with(['/', '?']))
                    .then(|| format!("{prefix}{new}{after}"))
            }
            [.., table, _, "path"] if table.ends_with("dependencies") => self.folder(value, folder),
            [.., table, _, "package"] if table.ends_with("dependencies") => equal(old, new),
            _ if is_umbrella(path, "rules") => equal(old, new),
            _ if is_umbrella(path, "deployments") => {
                let edited = in_brackets(value, old, new);
                (edited != value).then_some(edited)
            }
            _ => None,
        }
    }

    /// A path to its folder, as seen from `folder`.
    fn folder(&self, value: &str, folder: &Path) -> Option<String> {
        self.moved()?;
        let is_it = super::relative_path(folder, &self.app.path)
            == value.trim_end_matches('/').trim_start_matches("./");
        let above = value.trim_end_matches('/').strip_suffix(self.app.name.as_str())?;
        is_it.then(|| format!("{above}{}", self.new))
    }
}

fn is_umbrella(path: &[String], table: &str) -> bool {
    path.starts_with(&["workspace", "metadata", "umbrella", table].map(str::to_owned))
}

/// Where something stands in a manifest.
enum Place<'a> {
    Key(std::ops::Range<usize>),
    Text(&'a str, std::ops::Range<usize>),
}

fn walk<'a>(table: &'a dyn TableLike, path: &mut Vec<String>, see: &mut impl FnMut(&[String], Place<'a>)) {
    for (key, item) in table.iter() {
        path.push(key.to_owned());
        if let Some(span) = table.get_key_value(key).and_then(|(key, _)| key.span()) {
            see(path, Place::Key(span));
        }
        match item {
            Item::Value(value) => walk_value(value, path, see),
            Item::ArrayOfTables(tables) => tables.iter().for_each(|table| walk(table, path, see)),
            Item::Table(table) => walk(table, path, see),
            Item::None => {}
        }
        path.pop();
    }
}

fn walk_value<'a>(value: &'a Value, path: &mut Vec<String>, see: &mut impl FnMut(&[String], Place<'a>)) {
    if let (Some(text), Some(span)) = (value.as_str(), value.span()) {
        see(path, Place::Text(text, span));
    } else if let Some(array) = value.as_array() {
        array.iter().for_each(|value| walk_value(value, path, see));
    } else if let Some(table) = value.as_inline_table() {
        walk(table, path, see);
    }
}

/// The name as a word between brackets: releases keep the names they were given.
fn in_brackets(expression: &str, old: &str, new: &str) -> String {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let (mut edited, mut word, mut depth) = (String::new(), String::new(), 0_usize);
    for letter in expression.chars().chain(['\n']) {
        if is_part(letter) {
            word.push(letter);
            continue;
        }
        edited.push_str(if depth > 0 && word == old { new } else { &word });
        word.clear();
        match letter {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        edited.push(letter);
    }
    edited.pop();
    edited
}

/// The tables of a configuration file, by their headers: `[old]`, `[old.more]`, `[[old.more]]`.
fn in_config(text: &str, old: &str, new: &str) -> String {
    let line = |line: &str| {
        let start = line.len() - line.trim_start().trim_start_matches('[').trim_start().len();
        let rest = line[start..].strip_prefix(old);
        match rest {
            Some(rest) if line.trim_start().starts_with('[') && rest.trim_start().starts_with(['.', ']']) => {
                format!("{}{new}{rest}", &line[..start])
            }
            _ => line.to_owned(),
        }
    };
    text.split_inclusive('\n').map(line).collect()
}

/// What the templates say in a README.
fn in_readme(text: &str, old: &str, new: &str) -> String {
    let line = |line: &str| {
        let ends = |start: &str| line.trim_end().strip_suffix(old).is_some_and(|before| before == start);
        if ends("# ") || ends("    umbrella test ") || ends("    umbrella start ") {
            return line.replace(old, new);
        }
        let line = line.replace(&format!("`[{old}]`"), &format!("`[{new}]`"));
        line.replace(&format!("`{old}.workspace = true`"), &format!("`{new}.workspace = true`"))
    };
    text.split_inclusive('\n').map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::{Renaming, in_brackets, in_config, in_readme};
    use crate::workspace::AppName;
    use crate::workspace::fixture::umbrella;

    #[test]
    fn manifests_follow_wherever_they_name_it() {
        let workspace = umbrella(&[("c", &[]), ("a", &["c"])]);
        let new = AppName::of_package("store");
        let renaming = Renaming { app: workspace.app("c").unwrap(), new: &new };
        let root = "[workspace]\nmembers = [\"apps/a\", \"apps/c\"] # c\n\n[workspace.dependencies]\nc = { path = \"apps/c\" }\n\n\
                    [workspace.metadata.umbrella.deployments]\nprod = \"[a,c]+c:[cc]\"\n\n[workspace.metadata.umbrella.rules]\n\
                    layers = [[\"a\"], [\"c\"]]\nallow = { c = [\"a\"] }\n";
        let expected = root
            .replace("apps/c", "apps/store")
            .replace("\nc = {", "\nstore = {")
            .replace("[a,c]", "[a,store]")
            .replace("[\"c\"]", "[\"store\"]")
            .replace("{ c =", "{ store =");
        assert_eq!(renaming.in_manifest(root, &workspace.manifest_path()), expected);

        let manifest = "[package]\nname = \"a\"\n\n[dependencies]\nc.workspace = true\n\n[dev-dependencies.c]\npath = \"../c\"\n\n\
                        [features]\nx = [\"c/y\", \"dep:c\", \"c\"]\n";
        let expected = manifest
            .replace("\nc.", "\nstore.")
            .replace("dependencies.c]", "dependencies.store]")
            .replace("../c", "../store")
            .replace("c/y", "store/y")
            .replace("dep:c", "dep:store");
        assert_eq!(renaming.in_manifest(manifest, &workspace.root.join("apps/a/Cargo.toml")), expected);

        let own = "[package]\nname = \"c\"\n[package.metadata.umbrella]\napplication = \"c::C\"\n";
        let expected =
            "[package]\nname = \"store\"\n[package.metadata.umbrella]\napplication = \"store::C\"\n";
        assert_eq!(renaming.in_manifest(own, &workspace.root.join("apps/c/Cargo.toml")), expected);
    }

    #[test]
    fn placements_configuration_and_readme_follow() {
        assert_eq!(in_brackets("c:[c,cc]+[c-d, c]*3", "c", "x"), "c:[x,cc]+[c-d, x]*3");
        assert_eq!(
            in_config("# c\n[c]\nc = 1\n[c.d]\n[cc]\n[[c.e]]\n", "c", "x"),
            "# c\n[x]\nc = 1\n[x.d]\n[cc]\n[[x.e]]\n"
        );
        assert_eq!(
            in_readme("# c\n\nc, `[c]`\n\n    umbrella test c\n", "c", "x"),
            "# x\n\nc, `[x]`\n\n    umbrella test x\n"
        );
    }
}
