//! Money, and what it is worth in another currency.

mod application;
mod service;

pub use application::CurrencyApp;
pub use service::{CURRENCY, Code, Currency, Money};

umbrella::application!();
