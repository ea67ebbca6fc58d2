//! The control socket: how the command line asks a running node, and how `bin/<release>` asks its own.
//!
//! One JSON object per line, a request and then one reply; several requests per connection. A trace is several `event`
//! lines before its reply. Together with the generated
//! `main.rs` and the files of the [run folder](super::run_dir) this is the only contract between CLI and runtime.

pub(crate) mod answers;
pub(crate) mod client;
pub(crate) mod look;
pub(crate) mod protocol;
pub(crate) mod server;

#[cfg(test)]
mod tests;
