//! The library application `more`: nothing to start, functions to call.

/// Says hello.
///
/// # Examples
/// ```
/// assert_eq!(more::hello(), "hello from more");
/// ```
#[must_use]
pub fn hello() -> &'static str {
    concat!("hello from ", env!("CARGO_PKG_NAME"))
}
