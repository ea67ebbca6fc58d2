//! Bringing the generated release crates up to date, for the commands that run or bundle them.

use super::carry_out::carry_out;
use crate::emit::RootLock;
use crate::error::CommandError;
use crate::plan::{Plan, ReleaseContents, release_crates};
use crate::session::Session;
use crate::workspace::{Sources, Workspace};

/// Writes what differs of the crates of `releases`, and says so. Nothing is said, and nothing written, if nothing does.
pub(super) fn write_release_crates(
    session: &Session,
    workspace: &Workspace,
    releases: &[ReleaseContents],
) -> Result<(), CommandError> {
    if planned(workspace, releases)?.is_empty() {
        return Ok(());
    }
    let _lock = RootLock::of(&workspace.root);
    // Whoever held the lock until now may have written the same crates.
    let plan = planned(&session.load_workspace()?, releases)?;
    if !plan.is_empty() {
        carry_out(&plan, false, session)?;
    }
    Ok(())
}

fn planned(workspace: &Workspace, releases: &[ReleaseContents]) -> Result<Plan, CommandError> {
    Ok(release_crates(workspace, &Sources::read(workspace)?, releases)?)
}
