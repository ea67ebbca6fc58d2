//! `umbrella test --watch`: looks at the files again and again, and tests what a change affects.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use super::kept::{Kept, walk};
use super::options::Options;
use super::since::{keep_affected, lock, select};
use super::{any_seed, run, tell};
use crate::error::CommandError;
use crate::exit::ExitCode;
use crate::plan::test::{Changes, Unit, Versions, affected};
use crate::session::Session;
use crate::workspace::Workspace;

/// How often the files are looked at. A look at a few thousand takes milliseconds, and needs no kernel's help, which is
/// different in each system, has limits of its own, and is not there on a network's file system.
const LOOK: Duration = Duration::from_millis(300);

/// What is seen of the files: when each was written, and how long it is.
type Seen = BTreeMap<PathBuf, (SystemTime, u64)>;

/// Tests, and tests again what changes, until Ctrl-C.
pub(super) fn watch(
    session: &Session,
    mut workspace: Workspace,
    options: &Options,
    kept: &mut Kept,
) -> Result<ExitCode, CommandError> {
    let mut seen = look(&workspace);
    let mut texts = Texts::of(&workspace);
    let mut units = select(session, &workspace, options, kept)?;
    loop {
        if let Some(units) = units.take() {
            test(session, &workspace, options, units, kept)?;
        }
        if !session.interrupt.is_raised() {
            session.shell.progress("watching: Ctrl-C ends");
        }
        let Some((now, files)) = wait_for_change(session, &workspace, &seen) else {
            let noted = session.interrupt.noted();
            return Ok(noted.map_or(ExitCode::Interrupted, |noted| noted.signal.exit_code()));
        };
        seen = now;
        let before = std::mem::replace(&mut texts, Texts::of(&workspace));
        // A manifest that cannot be read is said to be so, and looked at again when it changes.
        match session.load_workspace() {
            Ok(loaded) => workspace = loaded,
            Err(error) => {
                session.shell.error(&error.into());
                continue;
            }
        }
        let changes = Changes {
            files: files.iter().map(PathBuf::as_path).collect(),
            manifest: Versions { before: before.manifest, now: texts.manifest.clone() },
            lock: Versions { before: before.lock, now: texts.lock.clone() },
        };
        let first: Vec<_> = files.iter().take(3).map(|path| session.display_path(path)).collect();
        session.shell.progress(format_args!("\n{} changed", first.join(", ")));
        let kept_units =
            keep_affected(session, options.units.clone(), &affected(&workspace, &changes), "by it");
        units = Some(kept_units).filter(|units| !units.is_empty());
    }
}

fn test(
    session: &Session,
    workspace: &Workspace,
    options: &Options,
    units: Vec<Unit>,
    kept: &mut Kept,
) -> Result<(), CommandError> {
    let seed = options.seed.map(|seed| seed.unwrap_or_else(any_seed));
    let verdict = run::run(session, workspace, options, units, kept, seed, Instant::now())?;
    kept.write(workspace)?;
    if let Some(verdict) = verdict {
        tell::verdict(session, options, &verdict)?;
    }
    Ok(())
}

/// Waits until files are other ones, and have stayed so for a look; nothing when Ctrl-C comes.
fn wait_for_change(session: &Session, workspace: &Workspace, seen: &Seen) -> Option<(Seen, Vec<PathBuf>)> {
    let mut last = None;
    while !session.interrupt.is_raised() {
        std::thread::sleep(LOOK);
        let now = look(workspace);
        let changed = differing(seen, &now);
        if changed.is_empty() {
            last = None;
        } else if last.as_ref() == Some(&now) {
            return Some((now, changed));
        } else {
            last = Some(now);
        }
    }
    None
}

fn look(workspace: &Workspace) -> Seen {
    let see = |path: PathBuf| {
        let metadata = fs::metadata(&path).ok()?;
        Some((path, (metadata.modified().ok()?, metadata.len())))
    };
    walk(&workspace.root, &workspace.target_directory).filter_map(see).collect()
}

/// The files that are other ones, new or gone.
fn differing(before: &Seen, now: &Seen) -> Vec<PathBuf> {
    let mut changed: Vec<PathBuf> = now
        .iter()
        .filter(|(path, seen)| before.get(*path) != Some(seen))
        .map(|(path, _)| path.clone())
        .collect();
    changed.extend(before.keys().filter(|path| !now.contains_key(*path)).cloned());
    changed
}

/// The files of the root that are read entry by entry.
struct Texts {
    manifest: Option<String>,
    lock: Option<String>,
}

impl Texts {
    fn of(workspace: &Workspace) -> Self {
        Self { manifest: read(&workspace.manifest_path()), lock: lock(workspace) }
    }
}

fn read(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_new_gone_or_written_are_seen() {
        let at = SystemTime::UNIX_EPOCH;
        let seen = |files: &[(&str, u64)]| -> Seen {
            files.iter().map(|(path, length)| (PathBuf::from(path), (at, *length))).collect()
        };
        let before = seen(&[("same", 1), ("gone", 1), ("written", 1)]);
        let now = seen(&[("same", 1), ("new", 1), ("written", 2)]);
        assert_eq!(differing(&before, &now), [Path::new("new"), Path::new("written"), Path::new("gone")]);
    }
}
