//! Tokens, with their places.
//!
//! Source: The Rust Reference, "Lexical structure". Only what tells code from comments and texts is told apart.

use std::ops::Range;

/// A token and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Its bytes.
    pub span: Range<usize>,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// An identifier or a keyword; `r#name` without its prefix is the next kind.
    Ident,
    /// `r#name`.
    RawIdent,
    /// `'a`.
    Lifetime,
    /// A number, with its suffix.
    Number,
    /// A string, byte string, C string or character.
    Text,
    /// A comment that documents what follows or what it is in.
    Doc,
    /// Any other comment.
    Comment,
    /// One sign.
    Sign(char),
}

impl Token {
    /// The text of the token.
    #[must_use]
    pub fn text<'a>(&self, source: &'a str) -> &'a str {
        &source[self.span.clone()]
    }

    /// The sign, if it is one.
    #[must_use]
    pub fn sign(&self) -> Option<char> {
        if let TokenKind::Sign(sign) = self.kind { Some(sign) } else { None }
    }

    /// Whether it is code: neither a comment nor documentation.
    #[must_use]
    pub fn is_code(&self) -> bool {
        !matches!(self.kind, TokenKind::Doc | TokenKind::Comment)
    }
}

/// The tokens of a source, in order. Whatever is between them is white space.
#[must_use]
pub fn tokens(source: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = source[at..].chars().next() {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (kind, length) = next(&source[at..], first);
        tokens.push(Token { kind, span: at..at + length });
        at += length;
    }
    tokens
}

fn next(rest: &str, first: char) -> (TokenKind, usize) {
    if let Some(comment) = comment(rest) {
        return comment;
    }
    if let Some(text) = text(rest) {
        return (TokenKind::Text, text);
    }
    if let Some(name) = rest.strip_prefix("r#").map(word).filter(|length| *length > 0) {
        return (TokenKind::RawIdent, "r#".len() + name);
    }
    if is_word_start(first) {
        return (TokenKind::Ident, word(rest));
    }
    match first {
        '0'..='9' => (TokenKind::Number, word(rest)),
        '\'' => quote(rest),
        sign => (TokenKind::Sign(sign), sign.len_utf8()),
    }
}

fn is_word_start(c: char) -> bool {
    c == '_' || c.is_alphabetic()
}

fn word(rest: &str) -> usize {
    rest.find(|c: char| c != '_' && !c.is_alphanumeric()).unwrap_or(rest.len())
}

fn comment(rest: &str) -> Option<(TokenKind, usize)> {
    if rest.starts_with("//") {
        let line = rest.lines().next().unwrap_or(rest);
        let is_doc = line.starts_with("//!") || (line.starts_with("///") && !line.starts_with("////"));
        return Some((if is_doc { TokenKind::Doc } else { TokenKind::Comment }, line.len()));
    }
    if !rest.starts_with("/*") {
        return None;
    }
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        let here = &rest.as_bytes()[at..];
        if here.starts_with(b"/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if here.starts_with(b"*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                break;
            }
        } else {
            at += 1;
        }
    }
    let is_doc = rest.starts_with("/*!") || (rest.starts_with("/**") && !rest.starts_with("/***") && at > 4);
    Some((if is_doc { TokenKind::Doc } else { TokenKind::Comment }, at))
}

/// The length of a string of any kind, if one begins here.
fn text(rest: &str) -> Option<usize> {
    let prefix = ["br", "cr", "r", "b", "c", ""];
    for prefix in prefix.iter().filter(|prefix| rest.starts_with(**prefix)) {
        let after = &rest[prefix.len()..];
        let hashes = after.len() - after.trim_start_matches('#').len();
        if prefix.ends_with('r') && after[hashes..].starts_with('"') {
            let end = format!("\"{}", "#".repeat(hashes));
            let body = &after[hashes + 1..];
            let length = body.find(&end).map_or(body.len(), |found| found + end.len());
            return Some(prefix.len() + hashes + 1 + length);
        }
        if !prefix.ends_with('r') && after.starts_with('"') {
            return Some(prefix.len() + quoted(after, '"'));
        }
    }
    rest.strip_prefix("b'").map(|_| 1 + quoted(&rest[1..], '\''))
}

/// The length up to the closing sign, both included; a backslash takes the next one with it.
fn quoted(rest: &str, close: char) -> usize {
    let mut letters = rest.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        if letter == '\\' {
            letters.next();
        } else if letter == close {
            return at + 1;
        }
    }
    rest.len()
}

/// A character or a lifetime: `'a'` is one, `'a` and `'static` are the other.
fn quote(rest: &str) -> (TokenKind, usize) {
    let mut letters = rest[1..].chars();
    match (letters.next(), letters.next()) {
        (Some(letter), after) if is_word_start(letter) && after != Some('\'') => {
            (TokenKind::Lifetime, 1 + word(&rest[1..]))
        }
        (Some(_), _) => (TokenKind::Text, quoted(rest, '\'')),
        (None, _) => (TokenKind::Sign('\''), 1),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{TokenKind, tokens};

    fn kinds(source: &str) -> Vec<(TokenKind, &str)> {
        tokens(source).iter().map(|token| (token.kind, token.text(source))).collect()
    }

    #[test]
    fn code_is_told_from_comments_and_texts() {
        use TokenKind::{Comment, Doc, Ident, Lifetime, Number, RawIdent, Sign, Text};
        let cases: &[(&str, &[(TokenKind, &str)])] = &[
            ("a::b1", &[(Ident, "a"), (Sign(':'), ":"), (Sign(':'), ":"), (Ident, "b1")]),
            (
                "// a \"\n/// b\n//! c\n//// d",
                &[(Comment, "// a \""), (Doc, "/// b"), (Doc, "//! c"), (Comment, "//// d")],
            ),
            (
                "/* a /* b */ c */x/** d */",
                &[(Comment, "/* a /* b */ c */"), (Ident, "x"), (Doc, "/** d */")],
            ),
            (
                r#""a\"b" b"c" c"d" 'e' b'\''"#,
                &[(Text, r#""a\"b""#), (Text, r#"b"c""#), (Text, r#"c"d""#), (Text, "'e'"), (Text, r"b'\''")],
            ),
            (
                "r\"\\\" r#\"a\"b\"# br##\"c\"#\"##",
                &[(Text, "r\"\\\""), (Text, "r#\"a\"b\"#"), (Text, "br##\"c\"#\"##")],
            ),
            ("r#type r br", &[(RawIdent, "r#type"), (Ident, "r"), (Ident, "br")]),
            (
                "'a 'static '\\n' '\\u{41}' '_'",
                &[
                    (Lifetime, "'a"),
                    (Lifetime, "'static"),
                    (Text, "'\\n'"),
                    (Text, "'\\u{41}'"),
                    (Text, "'_'"),
                ],
            ),
            ("1_000u64 0xff", &[(Number, "1_000u64"), (Number, "0xff")]),
        ];
        for (source, expected) in cases {
            assert_eq!(kinds(source), *expected, "{source}");
        }
    }

    proptest! {
        #[test]
        fn every_text_has_tokens_and_only_white_space_is_between_them(source in "[a-z'\"/*#\\\\ \n!rbc{}é0-9]{0,40}") {
            let mut end = 0;
            for token in tokens(&source) {
                prop_assert!(token.span.start >= end && token.span.end > token.span.start);
                prop_assert!(source[end..token.span.start].trim().is_empty());
                end = token.span.end;
            }
            prop_assert!(source[end..].trim().is_empty());
        }
    }
}
