//! Telling users what they have ordered.

mod application;
mod service;

pub use application::EmailApp;
pub use service::{EMAIL, Email, Receipt};

umbrella::application!();
