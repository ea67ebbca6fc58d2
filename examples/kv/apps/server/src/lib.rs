//! The buckets, for whoever connects over TCP.

mod application;
mod command;
mod listener;

pub use application::{Config, Server};
pub use listener::{LISTENER, Listener};

umbrella::application!();
