//! Plain processes: a future with a pid, and no messages of its own.

use std::convert::Infallible;
use std::sync::Arc;

use super::any_cell::AnyCell;
use super::kind::Kind;
use super::remote::Far;
use super::spawn::{Spawn, link_to_parent, run};
use super::{ExitReason, MonitorRef, NotAProcess, Pid, current, self_pid};

/// The running code belongs to no node, so there is nowhere to spawn a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not called from a node: use `Node::scope` or `#[umbrella::test]`")]
pub struct NoNode;

/// What the future of a plain process may come to, as the reason of its end.
///
/// Nothing and `Ok(())` are [`ExitReason::Normal`]; an error is a reason, too, so a body may use `?`; an [`ExitReason`]
/// is itself; a loop without end has none.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say why a process ends",
    label = "a process that nobody awaits answers `()`, `Result<(), E>`, or an `ExitReason`",
    note = "`Task::spawn(..).await` gives the answer to whoever started the task"
)]
pub trait IntoExitReason {
    /// The reason of the end.
    fn into_exit_reason(self) -> ExitReason;
}

impl IntoExitReason for () {
    fn into_exit_reason(self) -> ExitReason {
        ExitReason::Normal
    }
}

impl IntoExitReason for ExitReason {
    fn into_exit_reason(self) -> ExitReason {
        self
    }
}

/// What `async { loop { .. } }` comes to: `!`, which stable Rust lets one name only as what a function answers.
impl IntoExitReason for <fn() -> ! as Answers>::Answer {
    fn into_exit_reason(self) -> ExitReason {
        self
    }
}

/// Names what a function answers.
#[doc(hidden)]
pub trait Answers {
    /// What it answers.
    type Answer;
}

impl<T> Answers for fn() -> T {
    type Answer = T;
}

impl<E: Into<ExitReason>> IntoExitReason for Result<(), E> {
    fn into_exit_reason(self) -> ExitReason {
        self.map_or_else(Into::into, |()| ExitReason::Normal)
    }
}

/// Spawns a process that runs `body`, in the node and the application of whoever runs now.
///
/// It ends when `body` does: normally, or with the [`ExitReason`] that `body` answers.
/// A panic is a crash, as in any process. It has no messages of its own; of the ends of others it learns through
/// [`receive`](super::receive).
///
/// ```
/// # use umbrella::prelude::*;
/// use umbrella::process;
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(Node::new("example").scope(async {
/// let pid = process::spawn(async { ExitReason::Shutdown })?;
/// assert_eq!(process::wait_exit(pid).await, ExitReason::Shutdown);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # }))?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
///
/// Source: OTP `erlang:spawn/1`.
///
/// # Errors
/// [`NoNode`] outside a node.
pub fn spawn<F>(body: F) -> Result<Pid, NoNode>
where
    F: Future<Output: IntoExitReason> + Send + 'static,
{
    Ok(spawn_linked_to::<F, _>([], body)?.head().pid)
}

/// As [`spawn`], and links the new process to the running one before it runs.
///
/// Source: OTP `erlang:spawn_link/1`.
///
/// # Errors
/// [`NotAProcess`] outside a process.
pub fn spawn_link<F>(body: F) -> Result<Pid, NotAProcess>
where
    F: Future<Output: IntoExitReason> + Send + 'static,
{
    let parent = self_pid().ok_or(NotAProcess)?;
    Ok(spawn_linked_to::<F, _>([parent], body).map_err(|NoNode| NotAProcess)?.head().pid)
}

/// As [`spawn`], and monitors the new process before it runs.
///
/// Source: OTP `erlang:spawn_monitor/1`.
///
/// # Errors
/// [`NotAProcess`] outside a process.
pub fn spawn_monitor<F>(body: F) -> Result<(Pid, MonitorRef), NotAProcess>
where
    F: Future<Output: IntoExitReason> + Send + 'static,
{
    let this = current::cell().ok_or(NotAProcess)?;
    let cell = Spawn::here(kind::<F>()).ok_or(NotAProcess)?.cell::<Infallible>();
    let monitor = this.head().node.next_reference();
    this.monitoring(monitor, Far::Pid(cell.head().pid));
    let watched = cell.monitored(monitor, this.head().pid);
    debug_assert!(watched, "it has not run yet");
    Ok((run_plain(cell, body).head().pid, monitor))
}

/// Spawns a process that runs `body` and is linked to `others` before it does; one of them that is gone kills it.
///
/// Reports call it after `J`, the future that a user wrote.
pub(crate) fn spawn_linked_to<J, F>(
    others: impl IntoIterator<Item = Pid>,
    body: F,
) -> Result<Arc<dyn AnyCell>, NoNode>
where
    F: Future<Output: IntoExitReason> + Send + 'static,
{
    let cell: Arc<dyn AnyCell> = Spawn::here(kind::<J>()).ok_or(NoNode)?.cell::<Infallible>();
    for other in others {
        if !link_to_parent(&cell, other) {
            cell.kill();
        }
    }
    Ok(run_plain(cell, body))
}

fn run_plain<F>(cell: Arc<dyn AnyCell>, body: F) -> Arc<dyn AnyCell>
where
    F: Future<Output: IntoExitReason> + Send + 'static,
{
    run(cell.clone(), async move { (body.await.into_exit_reason(), ()) });
    cell
}

/// What is known of the process of a future by its type; it answers no system requests.
pub(super) fn kind<J>() -> &'static Kind {
    const { &Kind { label: label::<J>, handlers: None, import: None, layout: None, contract: None } }
}

/// Where a future was written: the function, without the blocks in it.
fn label<J>() -> &'static str {
    let mut label = std::any::type_name::<J>();
    while let Some(around) = label.strip_suffix("::{{closure}}") {
        label = around;
    }
    label
}
