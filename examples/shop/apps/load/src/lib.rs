//! Users who walk through the shop, and how long they wait.

mod application;
mod report;
mod users;

pub use application::{Config, LoadApp};
pub use report::Report;
pub use users::{Walk, walk};

umbrella::application!();
