//! The library application `a`: nothing to start of its own, on top of applications that have.

use umbrella::prelude::CallError;

// Exports `application()`: this application and what it depends on, as Cargo.toml says.
umbrella::application!();

/// Adds `by` to the counter of `c`, wherever `c` runs, and returns the new count.
///
/// # Errors
/// [`CallError`] if `c` cannot be reached or does not answer in time.
pub async fn add_to_c(by: i64) -> Result<i64, CallError> {
    c::COUNTER.add(by).await
}
