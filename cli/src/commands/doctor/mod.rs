//! `umbrella doctor [--fix]`.

mod gather;
mod report;

use std::path::PathBuf;

use self::gather::{gather, installed, run_folders};
use self::report::Changed;
use super::carry_out::carry_out;
use crate::doctor::{Level, Mended, examine, mend};
use crate::emit::{self, RootLock};
use crate::error::CommandError;
use crate::exit::ExitCode;
use crate::session::Session;
use crate::workspace::enclosing_umbrella;

/// What one mend uncovers, the next round mends. Each round leaves more in order than it found.
const ROUNDS: usize = 6;

/// What `doctor` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  umbrella doctor                  what is wrong with this umbrella, why it matters, and what to type
  umbrella doctor --fix            mend what can be mended without taking away what you wrote
  umbrella doctor --fix --dry-run  say what that would change
  umbrella doctor --json           the same for programs and continuous integration

It works where nothing else does: manifests are read as texts when cargo refuses the workspace.
Looked at are manifests, members, applications and their callbacks, release crates and saved deployments, rules, aliases,
config/, the runtime, the compiler, git, run files of nodes that are gone, and the tools that commands use where they are
installed. Notes are no faults.

Exit codes: 0 nothing is wrong, or nothing is left after --fix; 1 something is; 102 there is no umbrella here")]
pub(super) struct Args {
    /// Mend what can be mended
    #[arg(long)]
    fix: bool,
    /// Say what would be changed, and change nothing
    #[arg(long, requires = "fix")]
    dry_run: bool,
    /// Print what was found, and what was changed, as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, session: &Session) -> Result<ExitCode, CommandError> {
    let root = root(session)?;
    // From here to the last rename nobody else changes this umbrella.
    let _lock = args.fix.then(|| RootLock::of(&root));
    let installed = installed(session, &root);
    let mut facts = gather(session, &root, &installed)?;
    let mut changed = Vec::new();
    for _ in 0..if args.fix { ROUNDS } else { 0 } {
        let mended = mend(&facts)?;
        if mended.is_empty() {
            break;
        }
        changed.extend(apply(&mended, args, session, &root)?);
        if args.dry_run {
            break;
        }
        facts = gather(session, &root, &installed)?;
    }
    let findings = examine(&facts);
    if args.json {
        report::json(session, &facts, &findings, &changed);
    } else {
        report::print(session, &facts, &findings, args.dry_run);
    }
    let is_fault = |level| level == Level::Fault;
    let healthy = !findings.iter().any(|finding| is_fault(finding.kind.level()));
    Ok(if healthy { ExitCode::Done } else { ExitCode::Failed })
}

/// The root of the umbrella, which cargo need not be able to read.
fn root(session: &Session) -> Result<PathBuf, CommandError> {
    let root = match enclosing_umbrella(session.start_dir()) {
        Some(root) => root,
        None => session.load_workspace()?.root,
    };
    Ok(root.canonicalize().unwrap_or(root))
}

/// Carries out what was planned, and says so, unless stdout is for JSON.
fn apply(
    mended: &Mended,
    args: &Args,
    session: &Session,
    root: &std::path::Path,
) -> Result<Vec<Changed>, CommandError> {
    match (args.json, args.dry_run) {
        (false, dry_run) => carry_out(&mended.plan, dry_run, session)?,
        (true, false) => emit::execute(&mended.plan, &session.interrupt)?,
        (true, true) => emit::check(&mended.plan)?,
    }
    for path in &mended.forgotten {
        if !args.dry_run {
            let holding =
                run_folders(session, root).into_iter().find(|folder| path.starts_with(folder.path()));
            if let Some(folder) = holding {
                folder.forget_file(path)?;
            }
        }
        if !args.json {
            report::forgotten(session, path, args.dry_run);
        }
    }
    Ok(report::changed(mended, root))
}
