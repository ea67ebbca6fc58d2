//! GenServers: a process that owns its state and answers messages one at a time.
//!
//! [`#[gen_server]`](macro@crate::gen_server) turns one plain `impl` into a server, its messages, and its client.
//! What it generates is in this module: the [`GenServer`] callbacks, the [`Call`] that a client method returns,
//! the [`ReplyTo`] that a handler answers through.
//!
//! | what happens | what the caller sees |
//! |---|---|
//! | the handler answers | its value |
//! | 5 s pass, or what [`Call::within`] says | [`CallError::Timeout`] |
//! | the server ends, for whatever reason, before it answers | [`CallError::Exited`] at once |
//! | there is no such process | [`CallError::NoProc`] at once |
//! | the handler drops its [`ReplyTo`] | [`CallError::NoReply`] at once |
//! | its mailbox has no room | [`CallError::Full`] at once, or after a wait, as its [`Mailbox`](crate::process::Mailbox) says |
//! | a server calls itself, or servers wait for each other | [`CallError::CallingSelf`], [`CallError::WaitCycle`] at once |
//! | the call is made outside a node | [`CallError::NoNode`] |
//! | the server runs on another node, which cannot be reached | [`CallError::NoConnection`] at once |
//! | it does not understand the message, or this node not the answer | [`CallError::BadMessage`] |

mod alias;
mod awaited;
mod call;
mod callbacks;
mod cast;
mod context;
mod deadline;
mod error;
mod far_call;
mod held;
mod import;
mod interval;
mod reply;
mod serve;
#[doc(hidden)]
pub mod shown;
mod slot;
mod start;
pub mod sys;
mod watch;
#[doc(hidden)]
pub mod way_back;

pub use call::Call;
pub use callbacks::{Dispatch, GenServer, HandleContinue};
pub use context::Context;
pub use error::{CallError, CastError, StartError};
pub use interval::Interval;
pub use reply::{ReplyTo, Serving};
pub(crate) use start::BoundsOf;
pub use start::Start;
pub(crate) use watch::show_status;

#[cfg(all(test, umbrella_loom))]
mod models;
#[cfg(test)]
mod tests;
