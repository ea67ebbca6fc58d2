//! What a source says of the application it is part of.

use super::lexer::{Token, TokenKind, tokens};

/// Whether the macro `name!` is called.
#[must_use]
pub fn calls_macro(source: &str, name: &str) -> bool {
    let code = code(source);
    code.windows(2).any(|pair| is_word(&pair[0], source, name) && pair[1].sign() == Some('!'))
}

/// Whether a path begins with the crate `name`.
#[must_use]
pub fn uses_crate(source: &str, name: &str) -> bool {
    let code = code(source);
    (0..code.len()).any(|at| {
        let goes_on = |by: usize| code.get(at + by).is_some_and(|token| token.sign() == Some(':'));
        let before = at.checked_sub(1).and_then(|before| code[before].sign());
        // `self::name`, `a.name`; `::name` is the crate, but only where nothing is before it.
        let is_inner = match before {
            Some('.') => true,
            Some(':') => at.checked_sub(3).is_some_and(|at| code[at].kind == TokenKind::Ident),
            _ => false,
        };
        is_word(&code[at], source, name) && goes_on(1) && goes_on(2) && !is_inner
    })
}

/// The types that the trait `name` is implemented for, by their last name.
#[must_use]
pub fn implementors<'a>(source: &'a str, name: &str) -> Vec<&'a str> {
    let code = code(source);
    let mut found = Vec::new();
    for (at, pair) in code.windows(2).enumerate() {
        if !is_word(&pair[0], source, name) || !is_word(&pair[1], source, "for") {
            continue;
        }
        let is_path = |token: &&Token| token.kind == TokenKind::Ident || token.sign() == Some(':');
        let path = code[at + 2..].iter().take_while(|token| !is_word(token, source, "where"));
        let path = path.take_while(is_path).filter(|token| token.kind == TokenKind::Ident);
        found.extend(path.last().map(|token| token.text(source)));
    }
    found
}

fn code(source: &str) -> Vec<Token> {
    tokens(source).into_iter().filter(Token::is_code).collect()
}

fn is_word(token: &Token, source: &str, word: &str) -> bool {
    token.kind == TokenKind::Ident && token.text(source) == word
}

#[cfg(test)]
mod tests {
    use super::{calls_macro, implementors, uses_crate};

    #[test]
    fn a_macro_is_called_in_code_only() {
        assert!(calls_macro("umbrella::application!();", "application"));
        assert!(!calls_macro("// umbrella::application!();\nfn application() {}", "application"));
    }

    #[test]
    fn a_crate_begins_a_path() {
        for source in
            ["use umbrella::prelude::*;", "fn f() { umbrella::g() }", "::umbrella::f()", "use {umbrella::A};"]
        {
            assert!(uses_crate(source, "umbrella"), "{source}");
        }
        for source in [
            "// umbrella::f()",
            "crate::umbrella::f()",
            "a.umbrella::<u8>()",
            "let umbrella = 1;",
            "\"umbrella::a\"",
        ] {
            assert!(!uses_crate(source, "umbrella"), "{source}");
        }
    }

    #[test]
    fn a_callback_implements_application() {
        let source = "impl Application for B {}\nimpl umbrella::Application for inner::C where X: Y {}\n// impl Application for D";
        assert_eq!(implementors(source, "Application"), ["B", "C"]);
    }
}
