//! The command line of umbrella.

pub mod deployment;
