//! Which units are to be tested: all that were named, or those of them that changed or failed.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::TestError;
use super::kept::{Kept, files};
use super::options::Options;
use crate::error::CommandError;
use crate::git::{Base, Repository};
use crate::plan::test::{Affected, Changes, Unit, Versions, affected, inputs};
use crate::session::Session;
use crate::shell::Verbosity;
use crate::workspace::Workspace;

/// The units to test; nothing if there is none, which has been said then.
pub(super) fn select(
    session: &Session,
    workspace: &Workspace,
    options: &Options,
    kept: &Kept,
) -> Result<Option<Vec<Unit>>, CommandError> {
    let mut units = options.units.clone();
    if units.is_empty() {
        session.shell.say("no application to test");
        session.shell.help("make one with `umbrella new <name> --sup`");
        return Ok(None);
    }
    let selection = &options.selection;
    if selection.failed {
        let memory = kept.memory.as_ref().ok_or(TestError::NothingKnown)?;
        units.retain(|unit| memory.has_failed(&unit.name));
        if units.is_empty() {
            session.shell.progress("no test failed when it ran last");
            return Ok(None);
        }
    } else if selection.stale {
        let known = kept.memory.clone().unwrap_or_default();
        let now = inputs(workspace, &files(workspace), &lock(workspace).unwrap_or_default());
        units.retain(|unit| now.get(&unit.name).is_none_or(|digest| known.is_stale(&unit.name, digest)));
        if units.is_empty() {
            session.shell.progress("nothing changed since it passed");
            return Ok(None);
        }
    } else if selection.affected {
        let (base, affected) = since_base(workspace, selection.base.as_deref())?;
        units = keep_affected(session, units, &affected, &format!("since {}", shown(&base)));
        if units.is_empty() {
            session.shell.progress(format_args!("nothing to test changed since {}", shown(&base)));
            return Ok(None);
        }
    }
    Ok(Some(units))
}

/// What changed since a revision, or since this branch left the main one.
fn since_base(workspace: &Workspace, base: Option<&str>) -> Result<(Base, Affected), CommandError> {
    let repository = Repository::of(&workspace.root)?;
    let base = match base {
        Some(revision) => repository.base(revision)?,
        None => repository.merge_base()?,
    };
    let files = repository.changed_since(&base.commit)?;
    let versions = |name: &str| -> Result<Versions, CommandError> {
        let now = fs::read_to_string(workspace.root.join(name)).ok();
        Ok(Versions { before: repository.file_at(&base.commit, name)?, now })
    };
    let changes = Changes {
        files: files.iter().map(PathBuf::as_path).collect(),
        manifest: versions("Cargo.toml")?,
        lock: versions("Cargo.lock")?,
    };
    Ok((base, affected(workspace, &changes)))
}

/// Those of `units` that are affected; says which, and why.
pub(super) fn keep_affected(
    session: &Session,
    mut units: Vec<Unit>,
    affected: &Affected,
    since: &str,
) -> Vec<Unit> {
    let all = units.len();
    let names = affected.of(units.iter().map(|unit| unit.name.as_str()));
    let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
    units.retain(|unit| names.contains(&unit.name));
    let shell = &session.shell;
    match affected {
        _ if units.is_empty() => {}
        Affected::All { because } => {
            shell.progress(format_args!("affected {since}: all, because of {because}"));
        }
        Affected::Members(why) => {
            let shown: Vec<&str> = units.iter().map(|unit| unit.name.as_str()).collect();
            shell.progress(format_args!("affected {since}: {} of {all}: {}", shown.len(), shown.join(", ")));
            for unit in units.iter().filter(|_| shell.verbosity() == Verbosity::Verbose) {
                shell.verbose(format_args!("{}: {}", unit.name, why[&unit.name]));
            }
        }
    }
    units
}

/// `1a2b3c4d5e6f (merge base with main)`.
fn shown(base: &Base) -> String {
    let short: String = base.commit.chars().take(12).collect();
    if base.commit.starts_with(&base.name) { short } else { format!("{short} ({})", base.name) }
}

pub(super) fn lock(workspace: &Workspace) -> Option<String> {
    fs::read_to_string(Path::new(&workspace.root).join("Cargo.lock")).ok()
}
