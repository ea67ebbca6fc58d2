//! What `--fix` does: the findings that can be mended as one plan.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item, TableLike, value};

use super::finding::Mend;
use super::root::GENERATED;
use super::{Facts, Finding, examine, manifests};
use crate::plan::remove::without_member;
use crate::plan::{Plan, PlanError, Step, release_crates};
use crate::workspace::{Sources, library, manifest};

/// More rounds than any workspace needs: what one mend uncovers, the next one mends.
const ROUNDS: usize = 16;

const ENTRY: &str = "// Exports `application()`: this application and what it depends on, as Cargo.toml says.\n\
                     umbrella::application!();\n";

/// What is going to be done.
#[derive(Debug, Default)]
pub struct Mended {
    /// What is written.
    pub plan: Plan,
    /// The run files of nodes that are gone.
    pub forgotten: Vec<PathBuf>,
}

impl Mended {
    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.plan.is_empty() && self.forgotten.is_empty()
    }
}

/// Plans to mend what can be mended now. What that uncovers is found when the workspace is looked at again.
///
/// # Errors
/// [`PlanError`] if a file cannot be edited.
pub fn mend(facts: &Facts) -> Result<Mended, PlanError> {
    let mut work = Work { now: facts.clone(), trees: Vec::new(), said: BTreeMap::new() };
    // Until cargo can read it: a member that is gone has a dependency that is gone, which a release crate names.
    for _ in 0..ROUNDS {
        let mends = mends(manifests::examine(&work.now));
        if mends.is_empty() {
            break;
        }
        mends.iter().try_for_each(|mend| work.apply(mend))?;
    }
    let mends = mends(examine(&work.now));
    mends.iter().try_for_each(|mend| work.apply(mend))?;
    // What the crates look like is known when what they are made of is.
    if !mends.iter().any(changes_applications) {
        mends.iter().try_for_each(|mend| work.release(mend))?;
    }
    let forgotten =
        mends.iter().filter_map(|mend| if let Mend::Forget(path) = mend { Some(path.clone()) } else { None });
    Ok(Mended { forgotten: forgotten.collect(), plan: work.into_plan(&facts.sources) })
}

fn mends(findings: Vec<Finding>) -> Vec<Mend> {
    findings.into_iter().filter_map(|finding| finding.mend).collect()
}

fn changes_applications(mend: &Mend) -> bool {
    match mend {
        Mend::DropMember(_)
        | Mend::AddMember(_)
        | Mend::MoveMember { .. }
        | Mend::Depend { .. }
        | Mend::Mark { .. } => true,
        Mend::Unshare(_)
        | Mend::Share { .. }
        | Mend::Forsake { .. }
        | Mend::Export { .. }
        | Mend::Ignore
        | Mend::Release(_)
        | Mend::Forget(_) => false,
    }
}

/// The texts as they are going to be.
struct Work {
    now: Facts,
    trees: Vec<Step>,
    /// What changes in each file, for people.
    said: BTreeMap<PathBuf, Vec<String>>,
}

impl Work {
    fn apply(&mut self, mend: &Mend) -> Result<(), PlanError> {
        let root = self.now.root.join("Cargo.toml");
        let top = self.now.manifest().to_owned();
        match mend {
            Mend::DropMember(member) => {
                self.set(root, without_member(&top, member), format!("members -= {member}"));
            }
            Mend::AddMember(member) => {
                self.set(root, manifest::add_member(&top, member)?, format!("members += {member}"));
            }
            Mend::MoveMember { from, to } => {
                self.set(root, edited(&top, |it| moved(it, from, to)), format!("{from} -> {to}"));
            }
            Mend::Unshare(name) => {
                let without =
                    edited(&top, |it| _ = table_mut(it, &SHARED).and_then(|table| table.remove(name)));
                self.set(root, without, format!("dependencies -= {name}"));
            }
            Mend::Share { name, value } => self.share(name, value)?,
            Mend::Forsake { manifest, name } => {
                let without = |it: &mut DocumentMut| {
                    _ = table_mut(it, &["dependencies"]).and_then(|table| table.remove(name));
                };
                let text = edited(self.text(manifest), without);
                self.set(manifest.clone(), text, format!("dependencies -= {name}"));
            }
            Mend::Depend { manifest } => {
                self.share("umbrella", &self.now.own.runtime.clone())?;
                let text = manifest::add_dependency(self.text(manifest), "umbrella")?;
                self.set(manifest.clone(), text, "dependencies += umbrella".to_owned());
            }
            Mend::Mark { manifest, callback } => {
                let text = marked(self.text(manifest), callback);
                self.set(manifest.clone(), text, format!("application = \"{callback}\""));
            }
            Mend::Export { library } => {
                let text = library::with_items(self.text(library), ENTRY);
                self.set(library.clone(), text, "umbrella::application!()".to_owned());
            }
            Mend::Ignore => {
                let path = self.now.root.join(".gitignore");
                let old = self.text(&path);
                let end = if old.is_empty() || old.ends_with('\n') { "" } else { "\n" };
                let text = format!("{old}{end}/target\n");
                self.set(path, text, "/target".to_owned());
            }
            Mend::Release(_) | Mend::Forget(_) => {}
        }
        Ok(())
    }

    fn release(&mut self, mend: &Mend) -> Result<(), PlanError> {
        let (Mend::Release(contents), Ok(workspace)) = (mend, &self.now.workspace) else { return Ok(()) };
        let plan = release_crates(workspace, &self.now.sources, std::slice::from_ref(contents))?;
        for step in plan.steps {
            match step {
                Step::Replace { path, new, summary, .. } => self.set(path, new, summary.unwrap_or_default()),
                Step::NewFile { path, contents } => {
                    // What is generated is text.
                    if let Some(text) = contents.text() {
                        self.set(path, text.to_owned(), String::new());
                    }
                }
                tree @ (Step::NewTree { .. } | Step::Move { .. } | Step::Remove { .. }) => {
                    self.trees.push(tree)
                }
            }
        }
        Ok(())
    }

    fn share(&mut self, name: &str, value: &str) -> Result<(), PlanError> {
        let old = self.now.manifest();
        let new = manifest::add_workspace_dependency(old, name, value)?;
        if new != old {
            self.set(self.now.root.join("Cargo.toml"), new, format!("dependencies += {name}"));
        }
        Ok(())
    }

    fn text(&self, path: &Path) -> &str {
        self.now.sources.get(path).unwrap_or_default()
    }

    fn set(&mut self, path: PathBuf, text: String, said: String) {
        // A generated file is written anew, whatever is taken out of it on the way.
        if !said.is_empty() && !text.starts_with(GENERATED) {
            self.said.entry(path.clone()).or_default().push(said);
        }
        self.now.sources.set(path, text);
    }

    /// New crates first, then the root manifest, which knows them, then what uses them: as everywhere.
    fn into_plan(self, before: &Sources) -> Plan {
        let root = self.now.root.join("Cargo.toml");
        let mut plan = Plan { steps: self.trees };
        let changed = self.now.sources.iter().filter(|(path, text)| before.get(path) != Some(*text));
        let (top, rest): (Vec<_>, Vec<_>) = changed.partition(|(path, _)| **path == root);
        for (path, text) in top.into_iter().chain(rest) {
            let said = self.said.get(path).map(|said| said.join(", "));
            match before.get(path) {
                Some(old) => plan.replace(path.to_owned(), old, text.to_owned(), said),
                None => {
                    plan.steps.push(Step::NewFile { path: path.to_owned(), contents: text.to_owned().into() })
                }
            }
        }
        plan
    }
}

const SHARED: [&str; 2] = ["workspace", "dependencies"];

/// The text after a change; as it was if it is no TOML, which is found by others.
fn edited(text: &str, change: impl FnOnce(&mut DocumentMut)) -> String {
    let Ok(mut document) = text.parse::<DocumentMut>() else { return text.to_owned() };
    change(&mut document);
    document.to_string()
}

fn table_mut<'a>(document: &'a mut DocumentMut, path: &[&str]) -> Option<&'a mut dyn TableLike> {
    let item = path.iter().try_fold(document.as_item_mut(), |item, key| item.get_mut(key))?;
    item.as_table_like_mut()
}

/// Says `to` wherever a member or a shared dependency is said to be in `from`.
fn moved(document: &mut DocumentMut, from: &str, to: &str) {
    let is_from = |path: &str| path.trim_start_matches("./").trim_end_matches('/') == from;
    let rename = |value: &mut toml_edit::Value| {
        if value.as_str().is_some_and(is_from) {
            let decor = value.decor().clone();
            *value = to.into();
            *value.decor_mut() = decor;
        }
    };
    let Some(workspace) = table_mut(document, &["workspace"]) else { return };
    for key in ["members", "default-members"] {
        let list = workspace.get_mut(key).and_then(Item::as_array_mut);
        list.into_iter().flat_map(toml_edit::Array::iter_mut).for_each(rename);
    }
    let shared = workspace.get_mut("dependencies").and_then(Item::as_table_like_mut);
    for (_, item) in shared.into_iter().flat_map(TableLike::iter_mut) {
        item.get_mut("path").and_then(Item::as_value_mut).into_iter().for_each(rename);
    }
}

fn marked(text: &str, callback: &str) -> String {
    let Ok(mut document) = text.parse::<DocumentMut>() else { return text.to_owned() };
    let path = ["package", "metadata", "umbrella"];
    if table_mut(&mut document, &path).is_none() {
        return manifest::append_table(text, &path.join("."), &format!("application = \"{callback}\"\n"));
    }
    if let Some(table) = table_mut(&mut document, &path) {
        table.insert("application", value(callback));
    }
    document.to_string()
}
