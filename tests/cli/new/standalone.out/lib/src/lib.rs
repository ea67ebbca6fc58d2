//! The library application `lib`: nothing to start, functions to call.

/// Says hello.
///
/// # Examples
/// ```
/// assert_eq!(lib::hello(), "hello from lib");
/// ```
#[must_use]
pub fn hello() -> &'static str {
    concat!("hello from ", env!("CARGO_PKG_NAME"))
}
