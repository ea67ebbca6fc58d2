//! The only writer to stdout and stderr beside the logs.

use std::fmt::Display;
use std::io::{self, Write};

/// Says what was asked for. A reader that has gone away is no error: `abc status | head -1`.
pub(crate) fn say(text: impl Display) {
    drop(writeln!(io::stdout().lock(), "{text}"));
}

/// Says what went wrong, in cargo's shape.
pub(crate) fn error(message: impl Display) {
    drop(writeln!(io::stderr().lock(), "error: {message}"));
}

/// Passes text on as it is.
pub(crate) fn pass_on(text: &str) {
    drop(io::stderr().lock().write_all(text.as_bytes()));
}
