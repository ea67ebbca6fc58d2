//! Turning a cart into an order.

mod application;
mod service;

pub use application::CheckoutApp;
pub use service::{CHECKOUT, Checkout, CheckoutError, Order, OrderRequest};

umbrella::application!();
