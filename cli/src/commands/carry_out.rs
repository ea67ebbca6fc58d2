//! The end of every command that writes: say what would be written, or write it and say so.

use crate::emit::{self, EmitError};
use crate::plan::{Change, Plan, relative_path};
use crate::session::Session;

/// Executes a plan and prints a line for each file; with `dry_run`, only prints what it would do.
pub(super) fn carry_out(plan: &Plan, dry_run: bool, session: &Session) -> Result<(), EmitError> {
    if dry_run {
        emit::check(plan)?;
    } else {
        emit::execute(plan, &session.interrupt)?;
    }
    for line in plan.lines() {
        let verb = match (line.change, dry_run) {
            (Change::Create, false) => "creating",
            (Change::Create, true) => "would create",
            (Change::Update, false) => "updating",
            (Change::Update, true) => "would update",
            (Change::Move, false) => "moving",
            (Change::Move, true) => "would move",
            (Change::Remove, false) => "removing",
            (Change::Remove, true) => "would remove",
        };
        let path = relative_path(&session.cwd, &line.path);
        match line.summary {
            Some(summary) => session.shell.star(verb, format_args!("{path} ({summary})")),
            None => session.shell.star(verb, path),
        }
    }
    Ok(())
}
