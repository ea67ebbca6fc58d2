//! The macros of umbrella-runtime.
