//! The pages of the shop, each made of what the other applications know.

mod application;
mod service;

pub use application::FrontendApp;
pub use service::{CartPage, FRONTEND, Frontend, HomePage, PageError, ProductPage};

umbrella::application!();
