//! The command line of umbrella.
