//! Testing applications: what `#[umbrella::test]` runs, waiting for restarts, and whether a tree is whole.
//!
//! Each test has a node of its own, so tests run side by side, and a process that leaks from one fails it.

mod applications;
mod conformance;
mod defects;
mod restarted;
mod run;
mod topology;

pub use applications::Applications;
pub use conformance::start_stop;
pub use defects::{Defect, defects};
pub use restarted::{Outcome, restarted};
pub use run::{run, run_on};
pub use topology::run_test;

#[cfg(test)]
mod tests;
