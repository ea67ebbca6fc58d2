//! An ordinary crate.
