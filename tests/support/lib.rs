//! What the tests that look at umbrella from outside stand on: the program, sandboxes, trees.
//!
//! A generated workspace is built in one target folder shared by all, with the lock file of this repository: the
//! dependencies of the runtime are compiled once, and nothing is downloaded.

mod foreign;
mod program;
mod sandbox;
mod tree;
mod watch;

pub use foreign::{foreign_workspace, workspace_of_every_shape};
pub use program::{checkout, example, program};
pub use sandbox::{Sandbox, succeed};
pub use tree::{Tree, assert_same_tree};
pub use watch::watch;
