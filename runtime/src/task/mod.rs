//! Tasks: processes that run one future each, and whose answer can be awaited.
//!
//! | what | linked to its owner | owned by |
//! |---|---|---|
//! | [`Task::spawn`] | yes | its owner |
//! | [`Task::start`], [`Task::start_link`] | no, yes | nobody awaits it |
//! | [`Task::async_stream`] | yes | its owner, a few at a time |
//! | [`TaskSupervisorClient::spawn`] | yes | a [`TaskSupervisor`] |
//! | [`TaskSupervisorClient::spawn_nolink`] | no | a [`TaskSupervisor`] |
//! | [`TaskSupervisorClient::start`] | no | a [`TaskSupervisor`]; nobody awaits it |
//! | [`TaskSupervisorClient::async_stream`] | yes | a [`TaskSupervisor`], a few at a time |
//! | [`TaskSupervisorClient::async_stream_nolink`] | no | a [`TaskSupervisor`], a few at a time |
//! | [`Task::child_spec`] | no | any supervisor; runs once, or again when it crashes |
//!
//! ```
//! # use umbrella::prelude::*;
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
//! # runtime.block_on(Node::new("example").scope(async {
//! let slow = Task::spawn(async { 40 });
//! let here = 2;
//! assert_eq!(slow.await? + here, 42);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! # }))?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! Source: Elixir `Task` and `Task.Supervisor`.

mod await_many;
mod error;
mod handle;
mod limit;
mod start;
mod stream;
mod supervised;
mod supervisor;

#[cfg(test)]
mod tests;

pub use await_many::AwaitMany;
pub use error::TaskError;
pub use handle::Task;
pub use stream::AsyncStream;
use stream::Link;
pub use supervisor::{TaskSupervisor, TaskSupervisorClient};
