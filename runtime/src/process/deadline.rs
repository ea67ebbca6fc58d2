//! For whom a process works, and until when: the deadline that its own calls inherit.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;
use tokio::time::Instant;

use super::current::{self, RUNNING, Running};

/// How short a wait is that must not be lost to a late turn of the callee.
pub(crate) const BRIEF: Duration = Duration::from_secs(1);

/// No deadline, where moments are nanoseconds on the clock of a node.
pub(crate) const NEVER: u64 = u64::MAX;

/// After so many messages in a row the clock is looked at again, even if no handler waited.
const MESSAGES_A_LOOK: u32 = 8;

/// What is known of the time while a process is polled once.
#[derive(Clone, Copy)]
pub(super) enum Time {
    Unknown,
    /// The message found the process waiting for it, so it is as young as it gets.
    Immediate,
    /// It was so late on the clock of the node.
    Since(u64),
}

/// The process takes the `in_a_row`th message since it last waited for one.
///
/// A look at the clock is dear beside a message, so only one that waited behind others is worth it.
pub(crate) fn received(in_a_row: u32) {
    let known = match in_a_row {
        1 => Time::Immediate,
        _ if in_a_row % MESSAGES_A_LOOK == 2 => Time::Unknown,
        _ => return,
    };
    RUNNING.with(|running| running.time.set(known));
}

/// Whether `due` has passed, looking at the clock if `precisely`, or if the time is not known.
fn is_past(running: &Running, due: u64, precisely: bool) -> bool {
    match running.time.get() {
        Time::Immediate if !precisely => false,
        Time::Since(then) if !precisely || due <= then => due <= then,
        Time::Unknown | Time::Immediate | Time::Since(_) => {
            let Some(now) = current::with_node(|node| node.clock().now()) else { return false };
            running.time.set(Time::Since(now));
            due <= now
        }
    }
}

/// The running process works for a caller who waits until `due`; false when that has passed already.
pub(crate) fn serve_until(due: u64, precisely: bool) -> bool {
    RUNNING.with(|running| {
        let late = due != NEVER && is_past(running, due, precisely);
        running.due.set(if late { NEVER } else { due });
        !late
    })
}

fn set_due(due: u64) {
    RUNNING.with(|running| running.due.set(due));
}

/// The running process works for nobody in particular.
pub(crate) fn serve_nobody() {
    set_due(NEVER);
}

/// The caller who waits until `due` has its answer: if the process works for it, it does not any more.
pub(crate) fn answered(due: u64) {
    RUNNING.with(|running| {
        if running.due.get() == due {
            running.due.set(NEVER);
        }
    });
}

/// Until when the caller waits for whom the running process works, on the clock of its node.
pub(crate) fn due() -> u64 {
    RUNNING.with(|running| running.due.get())
}

/// Until when the caller waits for whom the running process works; for input and output of one's own.
///
/// A call made while a call is handled never waits longer than the caller does, so this is needed only for what is not a
/// call: a query of a database, a request to a server elsewhere.
/// Nothing while a cast or an info is handled, in `init` and `terminate`, for a caller that waits
/// [for as long as it takes](crate::gen_server::Call::infinity), and in a process or task that a handler starts: those
/// work for themselves. [`with_deadline`] passes the deadline on where that is meant.
///
/// Differs: OTP knows no deadline but that of each call by itself.
///
/// ```
/// # use std::time::Duration;
/// # use umbrella::prelude::*;
/// # struct Rates;
/// #[gen_server]
/// impl Rates {
/// #   fn init() -> Self { Self }
///     #[call]
///     async fn remaining(&self) -> Option<Duration> {
///         let deadline = umbrella::process::deadline()?;
///         Some(deadline - tokio::time::Instant::now())
///     }
/// }
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?;
/// # let node = Node::new("example");
/// # runtime.block_on(node.clone().scope(async move {
/// let rates = Rates::start(()).await?;
/// assert_eq!(rates.remaining().within(Duration::from_secs(2)).await?, Some(Duration::from_secs(2)));
/// assert_eq!(rates.remaining().infinity().await?, None);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # }))?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub fn deadline() -> Option<Instant> {
    current::with_node(|node| node.clock().instant(due())).flatten()
}

/// Runs `future` under a deadline: calls that it makes do not wait beyond `at`, nor beyond what holds already.
///
/// It is only for the calls: `future` itself goes on for as long as it takes.
/// Outside a node it changes nothing.
pub fn with_deadline<F: Future>(at: Instant, future: F) -> impl Future<Output = F::Output> {
    WithDeadline { at, future }
}

pin_project! {
    struct WithDeadline<F> {
        at: Instant,
        #[pin]
        future: F,
    }
}

impl<F: Future> Future for WithDeadline<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _narrowed = Narrowed::to(*this.at);
        this.future.poll(cx)
    }
}

/// Gives back the deadline there was.
struct Narrowed {
    before: u64,
}

impl Narrowed {
    fn to(at: Instant) -> Self {
        let before = due();
        let due = current::with_node(|node| node.clock().at(at)).map_or(before, |due| before.min(due));
        set_due(due);
        Self { before }
    }
}

impl Drop for Narrowed {
    fn drop(&mut self) {
        set_due(self.before);
    }
}
