//! What it costs to send something, and sending it.

mod application;
mod service;

pub use application::ShippingApp;
pub use service::{Address, SHIPPING, Shipping};

umbrella::application!();
