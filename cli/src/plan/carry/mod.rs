//! A crate from elsewhere, as it can lie in an umbrella: its manifest says the same from its new place. PURE.

mod error;
mod items;

use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, InlineTable, Item, TableLike, Value};

pub use self::error::CarryError;
use self::items::{at, inherits, plain, same, written_out};
use super::relative_path;
use crate::workspace::{Workspace, normalize_path};

/// Where a crate comes from, and where it goes.
#[derive(Debug, Clone, Copy)]
pub struct Carry<'a> {
    /// Its folder, absolute.
    pub from: &'a Path,
    /// Where it will be, absolute.
    pub to: &'a Path,
    /// The root of its workspace, and the manifest there; its own if it is in none.
    pub old_root: (&'a Path, &'a str),
    /// The umbrella, and its root manifest.
    pub umbrella: (&'a Workspace, &'a str),
}

/// A manifest that says the same from another place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// The manifest.
    pub manifest: String,
    /// The members of the umbrella that it depends on, instead of crates of the same name where it comes from.
    pub siblings: Vec<String>,
    /// What it depends on that stays outside: packages, and where they are.
    pub outside: Vec<(String, PathBuf)>,
    /// Tables that count in the root of a workspace only, and are left out.
    pub left_out: Vec<String>,
}

const TABLES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

impl Carry<'_> {
    /// The manifest `text` of the crate, as it can stand in its new place.
    ///
    /// # Errors
    /// [`CarryError`] if something in it cannot.
    pub fn manifest(&self, text: &str) -> Result<Carried, CarryError> {
        let parse = |text: &str, path: PathBuf| {
            text.parse::<DocumentMut>().map_err(|_| CarryError::NotToml { path: path.join("Cargo.toml") })
        };
        let mut document = parse(text, self.from.to_owned())?;
        let old = parse(self.old_root.1, self.old_root.0.to_owned())?;
        let new = parse(self.umbrella.1, self.umbrella.0.root.clone())?;
        let mut carried =
            Carried { manifest: String::new(), siblings: vec![], outside: vec![], left_out: vec![] };
        self.package(&mut document, &old, &new)?;
        lints(&mut document, &old, &new)?;
        for table in tables(&mut document) {
            let names: Vec<String> = table.iter().map(|(name, _)| name.to_owned()).collect();
            for name in names {
                patched(&name, &old, &new)?;
                if let Some(item) = table.get_mut(&name) {
                    self.dependency(&name, item, &old, &new, &mut carried)?;
                }
            }
        }
        for root_only in ["workspace", "patch", "replace", "profile"] {
            if document.remove(root_only).is_some() && root_only == "profile" {
                carried.left_out.push(root_only.to_owned());
            }
        }
        carried.siblings.sort();
        carried.siblings.dedup();
        carried.manifest = document.to_string();
        Ok(carried)
    }

    fn package(
        &self,
        document: &mut DocumentMut,
        old: &DocumentMut,
        new: &DocumentMut,
    ) -> Result<(), CarryError> {
        for (section, key) in [("lib", "path"), ("package", "build")] {
            let path = document.get(section).and_then(|table| table.get(key)).and_then(Item::as_str);
            self.refuse_elsewhere(&format!("{section}.{key}"), path)?;
        }
        for section in ["bin", "example", "test", "bench"] {
            let targets = document.get(section).and_then(Item::as_array_of_tables);
            for target in targets.into_iter().flatten() {
                self.refuse_elsewhere(section, target.get("path").and_then(Item::as_str))?;
            }
        }
        let Some(package) = document.get_mut("package").and_then(Item::as_table_like_mut) else {
            return Ok(());
        };
        package.remove("workspace");
        let keys: Vec<String> = package.iter().map(|(key, _)| key.to_owned()).collect();
        for key in keys {
            let is_path = matches!(key.as_str(), "readme" | "license-file");
            let Some(item) = package.get_mut(&key) else { continue };
            let value = if inherits(item) {
                let said = at(old, &["workspace", "package", &key]);
                let said = said.ok_or_else(|| CarryError::NotInherited { key: format!("package.{key}") })?;
                if !is_path && at(new, &["workspace", "package", &key]).is_some_and(|ours| same(ours, said)) {
                    continue;
                }
                match said.as_str().filter(|_| is_path) {
                    Some(path) => self.seen(self.old_root.0, path).into(),
                    None => said.clone().into_value().unwrap_or_else(|_| Value::from("")),
                }
            } else {
                match item.as_str().filter(|path| is_path && leaves(path)) {
                    Some(path) => self.seen(self.from, path).into(),
                    None => continue,
                }
            };
            *item = Item::Value(plain(value));
        }
        Ok(())
    }

    fn refuse_elsewhere(&self, key: &str, path: Option<&str>) -> Result<(), CarryError> {
        match path.filter(|path| leaves(path)) {
            Some(path) => Err(CarryError::Elsewhere { key: key.to_owned(), path: path.to_owned() }),
            None => Ok(()),
        }
    }

    fn dependency(
        &self,
        name: &str,
        item: &mut Item,
        old: &DocumentMut,
        new: &DocumentMut,
        carried: &mut Carried,
    ) -> Result<(), CarryError> {
        let ours = at(new, &["workspace", "dependencies", name]);
        if inherits(item) {
            let said = at(old, &["workspace", "dependencies", name]);
            let said =
                said.ok_or_else(|| CarryError::NotInherited { key: format!("dependencies.{name}") })?;
            let path = said.get("path").and_then(Item::as_str);
            let package = said.get("package").and_then(Item::as_str).unwrap_or(name);
            if ours.is_some() && path.is_some() && self.umbrella.0.member(package).is_some() {
                carried.siblings.push(package.to_owned());
            } else if path.is_some() || !ours.is_some_and(|ours| same(ours, said)) {
                let mut written = written_out(said, item);
                if let Some(path) = path {
                    self.redirect(package, &mut written, &self.old_root.0.join(path), carried);
                }
                *item = Item::Value(plain(Value::InlineTable(written)));
            }
            return Ok(());
        }
        let Some(table) = item.as_table_like_mut() else { return Ok(()) };
        let package = table.get("package").and_then(Item::as_str).unwrap_or(name).to_owned();
        if let Some(path) = table.get("path").and_then(Item::as_str).map(str::to_owned) {
            self.redirect(&package, table, &self.from.join(path), carried);
        }
        Ok(())
    }

    /// Has a dependency by path lead to the member of the umbrella that is called the same, else to where it led.
    fn redirect(&self, package: &str, table: &mut dyn TableLike, to: &Path, carried: &mut Carried) {
        let to = normalize_path(to);
        if to.starts_with(self.from) {
            return;
        }
        let path = match self.umbrella.0.member(package) {
            Some(member) => {
                carried.siblings.push(package.to_owned());
                &member.path
            }
            None => {
                if !carried.outside.iter().any(|(known, _)| known == package) {
                    carried.outside.push((package.to_owned(), to.clone()));
                }
                &to
            }
        };
        let path = Value::from(relative_path(self.to, path));
        match table.get_mut("path").and_then(Item::as_value_mut) {
            Some(value) => {
                let decor = value.decor().clone();
                *value = path;
                *value.decor_mut() = decor;
            }
            None => _ = table.insert("path", path.into()),
        }
    }

    /// A path that is written in `folder`, as it is seen from the new place.
    fn seen(&self, folder: &Path, path: &str) -> String {
        relative_path(self.to, &normalize_path(&folder.join(path)))
    }
}

/// A manifest of the umbrella in `folder`, where what depended on the crate by its old path has the new one.
#[must_use]
pub fn redirected(text: &str, folder: &Path, from: &Path, to: &Path) -> String {
    let Ok(mut document) = text.parse::<DocumentMut>() else { return text.to_owned() };
    let is_old = |path: &str| normalize_path(&folder.join(path)) == from;
    let change = |table: &mut dyn TableLike| {
        for (_, item) in table.iter_mut() {
            let path = item.as_table_like_mut().and_then(|table| table.get_mut("path"));
            let Some(value) = path.and_then(Item::as_value_mut) else { continue };
            if value.as_str().is_some_and(is_old) {
                let decor = value.decor().clone();
                *value = relative_path(folder, to).into();
                *value.decor_mut() = decor;
            }
        }
    };
    let shared = document.get_mut("workspace").and_then(|workspace| workspace.get_mut("dependencies"));
    if let Some(shared) = shared.and_then(Item::as_table_like_mut) {
        change(shared);
    }
    for table in tables(&mut document) {
        change(table);
    }
    document.to_string()
}

/// Every table of dependencies of a package.
fn tables(document: &mut DocumentMut) -> Vec<&mut dyn TableLike> {
    let mut found: Vec<&mut dyn TableLike> = Vec::new();
    for (key, item) in document.iter_mut() {
        if TABLES.contains(&key.get()) {
            found.extend(item.as_table_like_mut());
        } else if key.get() == "target" {
            for (_, target) in item.as_table_like_mut().into_iter().flat_map(TableLike::iter_mut) {
                for (key, item) in target.as_table_like_mut().into_iter().flat_map(TableLike::iter_mut) {
                    if TABLES.contains(&key.get()) {
                        found.extend(item.as_table_like_mut());
                    }
                }
            }
        }
    }
    found
}

/// `[lints] workspace = true` is written out, unless this umbrella has the same.
fn lints(document: &mut DocumentMut, old: &DocumentMut, new: &DocumentMut) -> Result<(), CarryError> {
    let Some(item) = document.get_mut("lints").filter(|item| inherits(item)) else { return Ok(()) };
    let said = at(old, &["workspace", "lints"]);
    let said = said.ok_or_else(|| CarryError::NotInherited { key: "lints".to_owned() })?;
    if at(new, &["workspace", "lints"]).is_some_and(|ours| same(ours, said)) {
        return Ok(());
    }
    let Some(table) = item.as_table_like_mut() else { return Ok(()) };
    table.remove("workspace");
    for (tool, lints) in said.as_table_like().into_iter().flat_map(TableLike::iter) {
        // A line for each tool: what is added should be little.
        let lints = lints.clone().into_value().unwrap_or_else(|_| Value::InlineTable(InlineTable::new()));
        table.insert(tool, Item::Value(plain(lints)));
    }
    Ok(())
}

/// Refuses a dependency that the old root replaces and the new one does not.
fn patched(name: &str, old: &DocumentMut, new: &DocumentMut) -> Result<(), CarryError> {
    let sources = old.get("patch").and_then(Item::as_table_like).into_iter().flat_map(TableLike::iter);
    for (source, patches) in sources {
        let Some(patch) = patches.get(name) else { continue };
        if !at(new, &["patch", source, name]).is_some_and(|ours| same(ours, patch)) {
            let (package, table) = (name.to_owned(), format!("patch.{source}"));
            return Err(CarryError::Patched { package, table });
        }
    }
    Ok(())
}

/// Whether a path leads out of the folder it is written in.
fn leaves(path: &str) -> bool {
    let path = Path::new(path);
    path.is_absolute() || normalize_path(&Path::new("/x").join(path)).strip_prefix("/x").is_err()
}

#[cfg(test)]
mod tests;
