//! `umbrella rm APP`.

use miette::Diagnostic;
use thiserror::Error;

use super::carry_out::carry_out;
use crate::emit::RootLock;
use crate::error::{CommandError, Failure};
use crate::exit::ExitCode;
use crate::git;
use crate::plan::remove::remove;
use crate::plan::selection::UnknownApplication;
use crate::session::Session;
use crate::workspace::Sources;

/// What `rm` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  umbrella rm c --dry-run    what would be removed and changed
  umbrella rm c              refused while others need c, or while its folder is not committed

Its folder is removed, with its place in the root manifest, the rules, the saved deployments and config/, and with the
generated crates of the releases that run it: the next `umbrella release` writes those that are left.")]
pub(super) struct Args {
    /// The application
    app: String,
    /// Remove it even if git could not bring it back
    #[arg(long)]
    force: bool,
    /// Say what would be removed, and remove nothing
    #[arg(long)]
    dry_run: bool,
}

/// What would be lost for good.
#[derive(Debug, Error, Diagnostic)]
#[error("`{folder}` holds what git could not bring back")]
#[diagnostic(help("commit it first, or say `--force`"))]
struct NotCommitted {
    folder: String,
}

impl Failure for NotCommitted {}

pub(super) fn run(args: &Args, session: &Session) -> Result<ExitCode, CommandError> {
    let root = session.load_workspace()?.root;
    // From here to the last rename nobody else changes this umbrella.
    let _lock = RootLock::of(&root);
    let workspace = session.load_workspace()?;
    let app = workspace.app(&args.app);
    let app = app.ok_or_else(|| UnknownApplication::of(&workspace, &args.app))?;
    let config = ["dev.toml", "test.toml", "prod.toml"].map(|file| workspace.root.join("config").join(file));
    let sources = Sources::read(&workspace)?.with(config)?;
    let plan = remove(&workspace, &sources, app)?;
    if !args.force && !git::is_committed(&app.path) {
        return Err(NotCommitted { folder: session.display_path(&app.path) }.into());
    }
    carry_out(&plan, args.dry_run, session)?;
    if !args.dry_run {
        session.shell.say("\n    umbrella test");
    }
    Ok(ExitCode::Done)
}
