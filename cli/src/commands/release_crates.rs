//! Bringing the generated release crates up to date, for the commands that run or bundle them.

use super::carry_out::carry_out;
use crate::emit::RootLock;
use crate::error::CommandError;
use crate::plan::{ReleaseContents, release_crates};
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
    if !plan.is_empty() {
        carry_out(&plan, false, session)?;
    }
    Ok(())
}
