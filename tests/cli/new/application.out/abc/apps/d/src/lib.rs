//! The application `d`: a supervised [`Counter`], found everywhere as [`COUNTER`].

mod application;
mod counter;

pub use application::D;
pub use counter::{COUNTER, Counter};

use umbrella::prelude::CallError;

// Exports `application()`: this application, its callback and what it depends on, as Cargo.toml says.
umbrella::application!();

/// Adds `by` to the counter of `b`, wherever `b` runs, and returns the new count.
///
/// # Errors
/// [`CallError`] if `b` cannot be reached or does not answer in time.
pub async fn add_to_b(by: i64) -> Result<i64, CallError> {
    b::COUNTER.add(by).await
}
