//! The logs of nodes: read, merged by time, and followed.
//!
//! - [`entry`]: what stands in a line. [`filter`]: which are shown. Both pure.
//! - [`mod@file`]: the log of one node, from its beginning or from where it was left.
//!
//! A node in the background appends to `<node>.log`, whichever of its lives it is in. One in the foreground writes to the
//! terminal it was started on, and nowhere else.

pub mod entry;
pub mod file;
pub mod filter;
