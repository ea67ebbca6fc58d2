//! The only writer of files: executes a [`Plan`], all of it or nothing.
//!
//! 1. Everything is built first, in hidden folders beside its destinations (same file system).
//! 2. Then each step becomes visible by one rename, in the order of the plan.
//! 3. If a step fails or Ctrl-C comes, the steps before it are undone, newest first.
//!
//! A process that is killed between two renames cannot undo: therefore a plan orders its steps so that cargo accepts
//! the tree after each of them. What is left then is at worst a hidden folder `.umbrella-*`, which nothing reads.

pub mod bundle;
pub mod certs;
pub mod cookie;

mod commit;
mod error;
mod interrupt;
mod keep;
mod release_lock;
mod root_lock;
mod stage;

pub use error::EmitError;
pub use interrupt::{Asked, Interrupt, Listening, Noted};
pub use keep::keep;
pub use release_lock::{LockError, ReleaseLock};
pub use root_lock::RootLock;

use crate::plan::Plan;

/// Executes a plan.
///
/// # Errors
/// [`EmitError`]; nothing has changed then, unless it is [`EmitError::NotUndone`].
pub fn execute(plan: &Plan, interrupt: &Interrupt) -> Result<(), EmitError> {
    let _listening = interrupt.listen();
    let staged = stage::stage(plan)?;
    commit::commit(staged, &|| interrupt.is_raised())
}

/// Whether a plan could be executed: that nothing is where something new is to be.
///
/// # Errors
/// [`EmitError::Exists`], naming what is there.
pub fn check(plan: &Plan) -> Result<(), EmitError> {
    plan.steps.iter().try_for_each(stage::check_step)
}
