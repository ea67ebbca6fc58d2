//! Rust sources as text with tokens in it: as much as edits of a line here and there need. Pure.
//!
//! For edits nothing is parsed: what an edit does not recognise it leaves alone, and says so by returning `None`. Parsed is
//! only what templates of users make, to know whether it is Rust and what it exports.

mod entry;
mod insert;
mod items;
mod lexer;
mod rename;

pub use entry::{calls_macro, implementors, uses_crate};
pub use insert::{add_child, add_import, add_module, has_module, has_name};
pub use items::{Exports, SyntaxError, exports};
pub use lexer::{Token, TokenKind, tokens};
pub use rename::{mentions, rename_crate};
