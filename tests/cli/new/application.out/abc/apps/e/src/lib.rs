//! The library application `e`: nothing to start, functions to call.

/// Says hello.
///
/// # Examples
/// ```
/// assert_eq!(e::hello(), "hello from e");
/// ```
#[must_use]
pub fn hello() -> &'static str {
    concat!("hello from ", env!("CARGO_PKG_NAME"))
}
