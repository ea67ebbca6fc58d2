//! From text to a [`Deployment`].
//!
//! ```text
//! deployment := release ("+" release)*
//! release    := [name "="] "[" application ("," application)* "]"
//! ```

use std::str::FromStr;

use super::token::{Token, TokenKind, tokens};
use super::{Bracket, Deployment, ParseError, ParseErrorKind, Span, Spanned};
use crate::workspace::ReleaseName;

impl Deployment {
    /// Reads a placement expression such as `web=[a,b]+[c]`. Blanks between tokens mean nothing.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        // A caret is drawn under one line of printable text; control characters are one byte each, so spans stay.
        let text: String = text.chars().map(|c| if c.is_ascii_control() { ' ' } else { c }).collect();
        let mut parser = Parser { text: &text, tokens: tokens(&text)?, at: 0 };
        let brackets = parser.deployment().map_err(|kind| ParseError::new(&text, kind))?;
        Ok(Self::new(text, brackets))
    }
}

impl FromStr for Deployment {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

struct Parser<'a> {
    text: &'a str,
    /// Ends with [`TokenKind::End`].
    tokens: Vec<Token>,
    at: usize,
}

impl Parser<'_> {
    fn deployment(&mut self) -> Result<Vec<Bracket>, ParseErrorKind> {
        if self.peek().kind == TokenKind::End {
            return Err(ParseErrorKind::Empty);
        }
        let mut brackets = vec![self.release(None)?];
        loop {
            let Token { kind, span } = self.next();
            match kind {
                TokenKind::End => return Ok(brackets),
                TokenKind::Plus => brackets.push(self.release(Some(span))?),
                TokenKind::Open | TokenKind::Word => return Err(ParseErrorKind::MissingPlus { span }),
                TokenKind::Close => return Err(ParseErrorKind::UnexpectedClose { span }),
                TokenKind::Comma => return Err(ParseErrorKind::CommaOutside { span }),
                TokenKind::Equals => return Err(ParseErrorKind::StrayEquals { span }),
            }
        }
    }

    /// One release; `plus` is the `+` before it, which is to blame if nothing follows.
    fn release(&mut self, plus: Option<Span>) -> Result<Bracket, ParseErrorKind> {
        let Token { kind, span } = self.next();
        match kind {
            TokenKind::Open => self.bracket(None, span),
            TokenKind::Word if self.peek().kind == TokenKind::Equals => {
                let name = self.release_name(span)?;
                self.next();
                let open = self.next();
                if open.kind != TokenKind::Open {
                    return Err(ParseErrorKind::NameWithoutBracket { name: name.value, span });
                }
                self.bracket(Some(name), open.span)
            }
            TokenKind::Word => Err(ParseErrorKind::OutsideBracket { word: self.word(span), span }),
            TokenKind::Close => Err(ParseErrorKind::UnexpectedClose { span }),
            TokenKind::Comma => Err(ParseErrorKind::CommaOutside { span }),
            TokenKind::Equals => Err(ParseErrorKind::StrayEquals { span }),
            TokenKind::Plus => Err(ParseErrorKind::StrayPlus { span }),
            TokenKind::End => Err(ParseErrorKind::StrayPlus { span: plus.unwrap_or(span) }),
        }
    }

    fn release_name(&self, span: Span) -> Result<Spanned<String>, ParseErrorKind> {
        match ReleaseName::parse(&self.word(span)) {
            Ok(name) => Ok(Spanned { value: name.as_str().to_owned(), span }),
            Err(error) => Err(ParseErrorKind::BadReleaseName { error: Box::new(error), span }),
        }
    }

    /// The rest of a release, after its `[`.
    fn bracket(&mut self, name: Option<Spanned<String>>, open: Span) -> Result<Bracket, ParseErrorKind> {
        if self.peek().kind == TokenKind::Close {
            return Err(ParseErrorKind::EmptyBracket { span: open.to(self.next().span) });
        }
        let mut applications: Vec<Spanned<String>> = Vec::new();
        let mut comma = None;
        loop {
            applications.push(self.application(open, comma)?);
            let Token { kind, span } = self.next();
            match kind {
                TokenKind::Close => return Ok(Bracket { name, applications, brackets: open.to(span) }),
                TokenKind::Comma => comma = Some(span),
                TokenKind::Word => {
                    let before = applications.last().map(|app| app.value.clone()).unwrap_or_default();
                    return Err(ParseErrorKind::MissingComma { before, after: self.word(span), span });
                }
                TokenKind::Open | TokenKind::Plus | TokenKind::Equals | TokenKind::End => {
                    return Err(self.inside_bracket(kind, span, open));
                }
            }
        }
    }

    /// One application; `comma` is the one before it, which is to blame if the bracket ends here.
    fn application(&mut self, open: Span, comma: Option<Span>) -> Result<Spanned<String>, ParseErrorKind> {
        let Token { kind, span } = self.next();
        match kind {
            TokenKind::Word => {
                let name = self.word(span);
                match application_name_fault(&name) {
                    None => Ok(Spanned { value: name, span }),
                    Some(reason) => Err(ParseErrorKind::BadApplicationName { name, reason, span }),
                }
            }
            TokenKind::Comma => Err(ParseErrorKind::StrayComma { span }),
            TokenKind::Close => Err(ParseErrorKind::StrayComma { span: comma.unwrap_or(span) }),
            TokenKind::Open | TokenKind::Plus | TokenKind::Equals | TokenKind::End => {
                Err(self.inside_bracket(kind, span, open))
            }
        }
    }

    /// What is wrong with a token that has no place inside a bracket.
    fn inside_bracket(&self, kind: TokenKind, span: Span, open: Span) -> ParseErrorKind {
        match kind {
            TokenKind::Open => ParseErrorKind::Nested { span },
            TokenKind::Equals => ParseErrorKind::StrayEquals { span },
            // `[a,b+[c]` forgot a bracket; `[a+b]` mistook the sign.
            TokenKind::Plus if !self.release_follows() => ParseErrorKind::PlusInside { span },
            TokenKind::Plus | TokenKind::End | TokenKind::Word | TokenKind::Close | TokenKind::Comma => {
                ParseErrorKind::Unclosed { open }
            }
        }
    }

    fn release_follows(&self) -> bool {
        let after = self.tokens.get(self.at + 1).map(|token| token.kind);
        match self.peek().kind {
            TokenKind::Open | TokenKind::End => true,
            TokenKind::Word => after == Some(TokenKind::Equals),
            TokenKind::Close | TokenKind::Comma | TokenKind::Plus | TokenKind::Equals => false,
        }
    }

    fn peek(&self) -> Token {
        // The last token is `End`, and `next` never passes it.
        self.tokens[self.at]
    }

    fn next(&mut self) -> Token {
        let token = self.peek();
        if token.kind != TokenKind::End {
            self.at += 1;
        }
        token
    }

    fn word(&self, span: Span) -> String {
        self.text[span.start..span.end].to_owned()
    }
}

/// Why no package can be called `name`, if so. Whether one *is* called so is a question for `resolve`.
fn application_name_fault(name: &str) -> Option<&'static str> {
    if !name.is_ascii() {
        return Some("only ASCII letters are allowed");
    }
    match name.bytes().next() {
        Some(first) if first.is_ascii_digit() => Some("it must not start with a digit"),
        Some(b'-') => Some("it must not start with `-`"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Explain;
    use super::Deployment;

    /// The error of `text`, and the text with `^` under what it points at.
    #[track_caller]
    fn check(text: &str, message: &str, carets: &str) {
        let error = Deployment::parse(text).expect_err(text);
        let mut drawn = String::new();
        for (span, _) in error.kind.labels() {
            let line = " ".repeat(span.start) + &"^".repeat((span.end - span.start).max(1));
            drawn.push_str(&line);
        }
        assert_eq!((error.to_string().as_str(), drawn.as_str()), (message, carets), "{text}");
        assert!(error.kind.help().is_some(), "{text}");
    }

    fn names(deployment: &Deployment) -> Vec<(String, Vec<&str>)> {
        let bracket = |bracket: &'_ super::Bracket| bracket.release_name();
        let apps = |at: usize| deployment.brackets()[at].applications.iter().map(|app| app.value.as_str());
        deployment.brackets().iter().enumerate().map(|(at, b)| (bracket(b), apps(at).collect())).collect()
    }

    #[test]
    fn a_release_without_a_name_is_called_after_its_applications() {
        let deployment = Deployment::parse("[b,a]+[c]").unwrap();
        assert_eq!(names(&deployment), [("b_a".to_owned(), vec!["b", "a"]), ("c".to_owned(), vec!["c"])]);
    }

    #[test]
    fn a_name_before_the_bracket_is_the_name_of_the_release() {
        let deployment = Deployment::parse("web=[a,b]+[c]").unwrap();
        assert_eq!(names(&deployment), [("web".to_owned(), vec!["a", "b"]), ("c".to_owned(), vec!["c"])]);
    }

    #[test]
    fn blanks_mean_nothing() {
        let spread = Deployment::parse(" web = [ a ,\tb ]\n+ [ c ] ").unwrap();
        assert_eq!(spread, Deployment::parse("web=[a,b]+[c]").unwrap());
        assert_eq!(spread.to_string(), "web=[a,b]+[c]");
    }

    #[test]
    fn nothing_at_all_is_an_error_without_a_caret() {
        check("", "the placement expression is empty", "");
        check("  \t", "the placement expression is empty", "");
    }

    #[test]
    fn brackets_come_in_pairs() {
        check("[a,b", "this bracket is never closed", "^");
        check("[", "this bracket is never closed", "^");
        check("[a,", "this bracket is never closed", "^");
        check("[a,b+[c]", "this bracket is never closed", "^");
        check("[a,b+web=[c]", "this bracket is never closed", "^");
        check("[a]]", "`]` closes nothing", "   ^");
        check("]", "`]` closes nothing", "^");
        check("[a,[b]]", "a bracket cannot stand inside another one", "   ^");
        check("[a]+[]", "a release needs at least one application", "    ^^");
        check("[ ]", "a release needs at least one application", "^^^");
        check("a+[b]", "`a` stands outside a bracket", "^");
    }

    #[test]
    fn a_plus_stands_between_releases() {
        check("+[a]", "`+` needs a release on both sides", "^");
        check("[a]+", "`+` needs a release on both sides", "   ^");
        check("[a] + ", "`+` needs a release on both sides", "    ^");
        check("[a]++[b]", "`+` needs a release on both sides", "    ^");
        check("[a][b]", "expected `+` between two releases", "   ^");
        check("[a]web=[b]", "expected `+` between two releases", "   ^^^");
        check("[a+b]", "`+` stands between releases, not between applications", "  ^");
    }

    #[test]
    fn a_comma_stands_between_applications() {
        check("[a,]", "`,` needs an application on both sides", "  ^");
        check("[,a]", "`,` needs an application on both sides", " ^");
        check("[a,,b]", "`,` needs an application on both sides", "   ^");
        check("[a],[b]", "`,` stands between applications, not between releases", "   ^");
        check("[a b]", "expected `,` between `a` and `b`", "   ^");
    }

    #[test]
    fn an_equals_sign_follows_a_release_name() {
        check("=[a]", "expected a release name before `=`", "^");
        check("[a=b]", "expected a release name before `=`", "  ^");
        check("[a]=[b]", "expected a release name before `=`", "   ^");
        check("web=a", "expected `[` after `web=`", "^^^");
        check("web=", "expected `[` after `web=`", "^^^");
        check("web=x=[a]", "expected `[` after `web=`", "^^^");
    }

    #[test]
    fn names_are_checked() {
        check("Web=[a]", "invalid release name `Web`: `W` is not allowed, only a-z, 0-9 and `_`", "^^^");
        check("weB=[a]", "invalid release name `weB`: `B` is not allowed, only a-z, 0-9 and `_`", "^^^");
        let folder = "it is the name of a folder that cargo or umbrella uses";
        check("deps=[a]", &format!("invalid release name `deps`: {folder}"), "^^^^");
        // No type is named after a release, so that it may be called as one.
        assert!(Deployment::parse("counter=[a]").is_ok());
        check("[1a]", "invalid application name `1a`: it must not start with a digit", " ^^");
        check("[-a]", "invalid application name `-a`: it must not start with `-`", " ^^");
        check("[élan]", "invalid application name `élan`: only ASCII letters are allowed", " ^^^^^");
        let long = "x".repeat(65);
        let message = format!("invalid release name `{long}`: it has 65 characters, 64 are allowed");
        check(&format!("{long}=[a]"), &message, &"^".repeat(65));
    }

    #[test]
    fn other_characters_have_no_meaning() {
        check("[a;b]", "unexpected character `;`", "  ^");
        check("[a]*3", "unexpected character `*`", "   ^");
        check("[a.b]", "unexpected character `.`", "  ^");
        check("[a\u{200b}]", "unexpected character `\\u{200b}`", "  ^^^");
    }

    #[test]
    fn control_characters_never_reach_the_terminal() {
        let error = Deployment::parse("[a\u{1b}[31m").unwrap_err();
        assert!(!error.expression().contains('\u{1b}'));
    }

    fn bracket() -> impl Strategy<Value = String> {
        let name = proptest::option::of("x[a-z0-9]{0,5}_x");
        let applications = proptest::collection::vec("[a-zA-Z_][a-zA-Z0-9_-]{0,6}", 1..5);
        let blank = "[ \t]{0,2}";
        (name, applications, blank).prop_map(|(name, applications, blank)| {
            let name = name.map(|name| format!("{name}{blank}=")).unwrap_or_default();
            format!("{name}{blank}[{blank}{}{blank}]", applications.join(&format!("{blank},{blank}")))
        })
    }

    proptest! {
        #[test]
        fn what_is_printed_parses_to_the_same(brackets in proptest::collection::vec(bracket(), 1..5)) {
            let deployment = Deployment::parse(&brackets.join(" + ")).unwrap();
            let printed = deployment.to_string();
            prop_assert!(!printed.contains(char::is_whitespace));
            prop_assert_eq!(Deployment::parse(&printed).unwrap(), deployment);
        }

        #[test]
        fn spans_hold_what_they_say(brackets in proptest::collection::vec(bracket(), 1..5)) {
            let deployment = Deployment::parse(&brackets.join("+")).unwrap();
            for bracket in deployment.brackets() {
                for word in bracket.applications.iter().chain(&bracket.name) {
                    prop_assert_eq!(&deployment.text()[word.span.start..word.span.end], &word.value);
                }
            }
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in "[\\[\\],+= a-cé\u{0}-\u{20}]{0,24}") {
            if let Err(error) = Deployment::parse(&text) {
                for (span, _) in error.kind.labels() {
                    prop_assert!(error.expression().get(span.start..span.end).is_some());
                }
            }
        }
    }
}
