//! Waiting for what a process is told about the ends of others.

use std::future::poll_fn;
use std::task::Poll;

use super::signal::SystemMessage;
use super::{Down, Exit, MonitorRef, NotAProcess, current};

/// What a process is told about the end of another; see [`receive`].
///
/// Source: OTP `{'EXIT', Pid, Reason}` and `{'DOWN', Ref, process, Pid, Reason}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signal {
    /// A linked process ended; only if this process [traps exits](super::trap_exit).
    Exit(Exit),
    /// A monitored process ended.
    Down(Down),
}

impl Signal {
    fn of(message: SystemMessage) -> Option<Self> {
        match message {
            SystemMessage::Exit(exit) => Some(Self::Exit(exit)),
            SystemMessage::Down(down) => Some(Self::Down(down)),
            SystemMessage::Through(..) | SystemMessage::Control(_) => None,
        }
    }
}

/// Waits for the next [`Exit`] or [`Down`] of the running process, in the order in which they came.
///
/// This is how a [plain process](super::spawn) learns of the ends of others. A server need not ask: its loop hands
/// them to its handlers.
///
/// ```
/// # use umbrella::prelude::*;
/// use umbrella::process::{self, Signal};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(Node::new("example").scope(async {
/// let parent = process::spawn(async {
///     process::trap_exit(true)?;
///     let child = process::spawn_link(async { panic!("boom") })?;
///     match process::receive().await? {
///         Signal::Exit(exit) => assert_eq!(exit.from, child),
///         Signal::Down(_) => unreachable!("nothing is monitored"),
///     }
///     Ok::<_, process::NotAProcess>(())
/// })?;
/// assert_eq!(process::wait_exit(parent).await, ExitReason::Normal);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # }))?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`NotAProcess`] outside a process.
///
/// # Cancel safety
/// Nothing is lost when the future is dropped.
pub async fn receive() -> Result<Signal, NotAProcess> {
    // What comes through an alias waits for whoever asked for it.
    let wanted = |message: &SystemMessage| matches!(message, SystemMessage::Exit(_) | SystemMessage::Down(_));
    loop {
        if let Some(signal) = Signal::of(receive_where(wanted).await?) {
            return Ok(signal);
        }
    }
}

/// Waits for the [`Down`] of `monitor` and leaves everything else in the mailbox, in a server's handler too.
///
/// The running process must hold the monitor, else the `Down` never comes.
///
/// Source: OTP `receive {'DOWN', Ref, process, _, _} -> ... end`.
///
/// # Errors
/// [`NotAProcess`] outside a process.
///
/// # Cancel safety
/// As [`receive`].
pub async fn receive_down(monitor: MonitorRef) -> Result<Down, NotAProcess> {
    let wanted = move |message: &SystemMessage| matches!(message, SystemMessage::Down(down) if down.monitor == monitor);
    loop {
        if let SystemMessage::Down(down) = receive_where(wanted).await? {
            return Ok(down);
        }
    }
}

pub(super) async fn receive_where(
    wanted: impl Fn(&SystemMessage) -> bool + Sync,
) -> Result<SystemMessage, NotAProcess> {
    let this = current::cell().ok_or(NotAProcess)?;
    let taken = poll_fn(|cx| match this.take_system(&wanted, Some(cx.waker())) {
        Some(message) => Poll::Ready(message),
        None => Poll::Pending,
    });
    Ok(taken.await)
}
