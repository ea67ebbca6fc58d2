//! Bringing the generated release crates up to date, for the commands that run or bundle them.

use crate::emit::{RootLock, execute};
use crate::error::CommandError;
use crate::plan::{Change, ReleaseContents, release_crates};
use crate::session::Session;
use crate::workspace::{Sources, Workspace};

/// Writes what differs of the crates of `releases`, and says so. Nothing is said, and nothing written, if nothing does.
pub(super) fn write_release_crates(
    session: &Session,
    workspace: &Workspace,
    releases: &[ReleaseContents],
) -> Result<(), CommandError> {
    let _lock = RootLock::of(&workspace.root);
    let sources = Sources::read(workspace)?;
    let plan = release_crates(workspace, &sources, releases)?;
    if plan.is_empty() {
        return Ok(());
    }
    execute(&plan, &session.interrupt)?;
    for line in plan.lines() {
        let verb = match line.change {
            Change::Create => "creating",
            Change::Update => "updating",
        };
        let summary = line.summary.map(|summary| format!(" ({summary})")).unwrap_or_default();
        session.shell.star(verb, format_args!("{}{summary}", session.display_path(&line.path)));
    }
    Ok(())
}
