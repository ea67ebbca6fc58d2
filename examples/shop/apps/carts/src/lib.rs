//! What each user has put into the cart.

mod application;
mod service;

pub use application::CartsApp;
pub use service::{CARTS, Carts, Item};

umbrella::application!();
