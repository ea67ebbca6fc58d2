//! Testing applications: what `#[umbrella::test]` runs, and waiting for restarts.
//!
//! Each test has a node of its own, so tests run side by side, and a process that leaks from one fails it.

mod restarted;
mod run;

pub use restarted::{Outcome, restarted};
pub use run::run;

#[cfg(test)]
mod tests;
