//! The only writer of files.

pub mod bundle;
pub mod cookie;
pub mod lock;
