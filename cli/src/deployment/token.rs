//! The tokens of a placement expression.

use super::{ParseError, ParseErrorKind, Span};

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A name, right or wrong: it is checked where it is used.
    Word,
    Open,
    Close,
    Comma,
    Plus,
    Equals,
    Star,
    /// The end of the text; always the last token.
    End,
}

/// A token and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) span: Span,
}

/// Splits `text` into tokens; the last one is [`TokenKind::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, ParseError> {
    let mut tokens: Vec<Token> = Vec::new();
    for (start, found) in text.char_indices() {
        let span = Span::new(start, start + found.len_utf8());
        let kind = match found {
            '[' => TokenKind::Open,
            ']' => TokenKind::Close,
            ',' => TokenKind::Comma,
            '+' => TokenKind::Plus,
            '=' => TokenKind::Equals,
            '*' => TokenKind::Star,
            // Letters of any script: `[élan]` is one bad name, not a bad character and a good name.
            _ if found.is_alphanumeric() || found == '_' || found == '-' => TokenKind::Word,
            _ if found.is_whitespace() => continue,
            _ => return Err(ParseError::new(text, ParseErrorKind::BadCharacter { found, span })),
        };
        match tokens.last_mut() {
            Some(last) if kind == TokenKind::Word && last.kind == kind && last.span.end == start => {
                last.span.end = span.end;
            }
            _ => tokens.push(Token { kind, span }),
        }
    }
    tokens.push(Token { kind: TokenKind::End, span: Span::new(text.len(), text.len()) });
    Ok(tokens)
}
