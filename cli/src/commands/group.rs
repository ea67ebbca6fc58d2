//! `--group EXPRESSION`, as several commands take it.

use crate::deployment::{Partial, ResolvedDeployment, Scale};
use crate::error::CommandError;
use crate::plan::chosen_deployment::{Choice, ChosenDeployment};
use crate::workspace::{Sources, Workspace};

/// The placement that `group` says, with other numbers of instances.
pub(super) fn resolve_group(
    workspace: &Workspace,
    group: &str,
    scales: &[Scale],
) -> Result<ResolvedDeployment, CommandError> {
    // An expression has brackets; the name of a saved deployment has none.
    let choice = if group.contains('[') { Choice::Expression(group) } else { Choice::Named(group) };
    let sources = Sources::read(workspace)?;
    let manifest = sources.get(&workspace.manifest_path()).unwrap_or_default();
    let chosen = ChosenDeployment::find(choice, workspace, manifest)?.scaled(scales)?;
    Ok(chosen.resolve(workspace, Partial::Yes)?)
}
