//! What `umbrella new` writes is good Rust: built, tested, formatted and without a warning, for every template and flag.

mod examples;
mod formatted;
mod works;
