//! Rust sources as text with tokens in it: as much as edits of a line here and there need. Pure.
//!
//! Nothing is parsed. What an edit does not recognise it leaves alone, and says so by returning `None`.

mod insert;
mod lexer;
mod rename;

pub use insert::{add_child, add_import, add_module, has_module, has_name};
pub use lexer::{Token, TokenKind, tokens};
pub use rename::{mentions, rename_crate};
