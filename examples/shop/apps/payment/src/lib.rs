//! Charging cards.

mod application;
mod service;

pub use application::PaymentApp;
pub use service::{Card, Declined, PAYMENT, Payment};

umbrella::application!();
