//! Started releases: the only module that spawns one, and the only one that talks to one.
pub mod control;
pub mod process;
pub mod state;
pub mod status;
