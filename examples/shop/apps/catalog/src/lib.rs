//! What the shop sells.

mod application;
mod service;

pub use application::CatalogApp;
pub use service::{CATALOG, Catalog, Product};

umbrella::application!();
