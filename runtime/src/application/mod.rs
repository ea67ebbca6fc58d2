//! Applications.
mod graph;
mod state;

pub use graph::DependencyCycle;
pub use state::{Refused, StartType, State};
