//! What somebody may like beside what is in the cart.

mod application;
mod service;

pub use application::RecommendationsApp;
pub use service::{RECOMMENDATIONS, Recommendations};

umbrella::application!();
