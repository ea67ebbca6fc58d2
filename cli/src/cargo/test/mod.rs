//! tmp
mod libtest; mod nextest; mod report;
pub use report::{Counts, Failure, Reader, Report};
