//! The application `c`: a supervised [`Counter`], found everywhere as [`COUNTER`].

mod application;
mod counter;

pub use application::C;
pub use counter::{COUNTER, Counter};

// Exports `application()`: this application, its callback and what it depends on, as Cargo.toml says.
umbrella::application!();
