//! Looking into a running process, and taking hold of it: OTP's `sys`.
//!
//! Every server answers, whatever it was written for, supervisors included. Requests travel on a lane of their own and
//! are served between two messages, before any that waits, with no cost to a server that nobody looks into.
//!
//! While a handler awaits something, only what needs the state waits for it to end:
//!
//! | request | while a handler awaits |
//! |---|---|
//! | [`suspend`], [`resume`], [`trace`], [`statistics`], [`get_statistics`], [`get_status`] | answered at once |
//! | [`terminate`] | taken note of at once, in force when the handler has ended |
//! | [`get_state_text`] of a traced process | answered at once: the state as the handler began |
//! | [`get_state`], [`replace_state`], [`with_state`], [`get_state_text`] | wait for the handler to end |
//!
//! ```
//! use umbrella::prelude::*;
//! use umbrella::sys;
//!
//! #[derive(Clone, Debug)]
//! struct Counter {
//!     count: i64,
//! }
//!
//! #[gen_server]
//! impl Counter {
//!     fn init(count: i64) -> Self {
//!         Self { count }
//!     }
//!
//!     #[call]
//!     fn add(&mut self, by: i64) -> i64 {
//!         self.count += by;
//!         self.count
//!     }
//! }
//!
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
//! # runtime.block_on(Node::new("example").scope(async {
//! let counter = Counter::start(40).await?;
//! let state: Counter = sys::get_state(&counter).await?;
//! assert_eq!(state.count, 40);
//! sys::replace_state(&counter, |state: Counter| Counter { count: state.count + 1 }).await?;
//! assert_eq!(sys::get_state_text(&counter).await?.to_string(), "Counter { count: 41 }");
//! assert_eq!(counter.add(1).await?, 42);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! # }))?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! Source: OTP `sys(3)`.
//! Differs: an OTP process answers between two callbacks only. Here a callback can be waiting for something, and the
//! process answers meanwhile; only the state, which the callback has borrowed, cannot be seen by anybody else.

mod error;
mod request;
mod state;
mod status;
mod target;

pub use error::SysError;
pub use request::Request;
pub use state::{get_state, get_state_text, replace_state, with_state};
pub use status::{Statistics, Status, SysState, get_statistics, get_status};
pub use target::{Runs, Target};

pub use crate::process::StateText;

use crate::process::{Control, Counts, ExitReason, Tap};

/// Suspends a process: it takes no message until it is [resumed](resume), only system requests.
///
/// An exit signal, a kill, and the end of its parent still end it.
///
/// Source: OTP `sys:suspend/1`.
/// Differs: a handler that awaits something when the request comes goes on to its end; OTP's callbacks do not await.
pub fn suspend(of: &(impl Target + ?Sized)) -> Request<()> {
    request::change(of, |lane| lane.suspended = true)
}

/// Resumes a suspended process.
///
/// Source: OTP `sys:resume/1`.
pub fn resume(of: &(impl Target + ?Sized)) -> Request<()> {
    request::change(of, |lane| lane.suspended = false)
}

/// Begins or ends to trace a process: an event for each message that it takes and each reply that it gives.
///
/// The events go through `tracing`, target `umbrella::trace`, level info, with what can be shown of the message.
/// While it is traced, the state is written down before each handler, so that [`get_state_text`] answers at once.
///
/// Source: OTP `sys:trace/2`.
pub fn trace(of: &(impl Target + ?Sized), on: bool) -> Request<()> {
    request::change(of, move |lane| lane.traced = on)
}

/// Tells `tap` of each message that a process takes and each reply that it gives, until it is closed, or `None` is told
/// instead. One tap at a time: whoever comes later has it.
pub(crate) fn tap(of: &(impl Target + ?Sized), tap: Option<Tap>) -> Request<()> {
    request::change(of, move |lane| lane.tap = tap)
}

/// Begins to count what a process does, from 0, or ends it; [`get_statistics`] tells.
///
/// Source: OTP `sys:statistics/2` with `true` and `false`.
pub fn statistics(of: &(impl Target + ?Sized), on: bool) -> Request<()> {
    request::change(of, move |lane| lane.counts = on.then(Counts::new))
}

/// Ends a process in order: `terminate` runs, then it ends with `reason`.
///
/// Returns when the process has taken note, not when it is gone, as in OTP.
///
/// Source: OTP `sys:terminate/2`.
pub fn terminate(of: &(impl Target + ?Sized), reason: ExitReason) -> Request<()> {
    request::change(of, move |lane| lane.requests.push_back(Control::Terminate(reason)))
}
