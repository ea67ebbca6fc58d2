//! From text to a [`Deployment`].
//!
//! ```text
//! deployment := release ("+" release)*
//! release    := [name "="] "[" application ("," application)* "]" ["*" count]
//!             | [name "="] "[" application "*" count "]"
//! ```

use std::str::FromStr;

use super::scale::MOST_INSTANCES;
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
                TokenKind::Star => return Err(ParseErrorKind::StrayStar { span }),
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
            TokenKind::Star => Err(ParseErrorKind::StrayStar { span }),
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
        // `[c*3]` is another way to write `[c]*3`.
        let mut inside = None;
        loop {
            applications.push(self.application(open, comma)?);
            inside = inside.or(self.instances()?);
            let Token { kind, span } = self.next();
            if let (Some(counted), true) = (&inside, kind == TokenKind::Comma || applications.len() > 1) {
                return Err(ParseErrorKind::CountedAmongOthers { count: counted.value, span: counted.span });
            }
            match kind {
                TokenKind::Close => {
                    let instances = match (inside, self.instances()?) {
                        (Some(_), Some(again)) => {
                            return Err(ParseErrorKind::CountedTwice { span: again.span });
                        }
                        (one, other) => one.or(other).map_or(1, |count| count.value),
                    };
                    return Ok(Bracket { name, applications, brackets: open.to(span), instances });
                }
                TokenKind::Comma => comma = Some(span),
                TokenKind::Word => {
                    let before = applications.last().map(|app| app.value.clone()).unwrap_or_default();
                    return Err(ParseErrorKind::MissingComma { before, after: self.word(span), span });
                }
                TokenKind::Open | TokenKind::Plus | TokenKind::Equals | TokenKind::Star | TokenKind::End => {
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
            TokenKind::Open | TokenKind::Plus | TokenKind::Equals | TokenKind::Star | TokenKind::End => {
                Err(self.inside_bracket(kind, span, open))
            }
        }
    }

    /// `*3`, if it stands here, with the place of both tokens.
    fn instances(&mut self) -> Result<Option<Spanned<u32>>, ParseErrorKind> {
        if self.peek().kind != TokenKind::Star {
            return Ok(None);
        }
        let star = self.next().span;
        let Token { kind, span } = self.peek();
        if kind != TokenKind::Word {
            return Err(ParseErrorKind::StrayStar { span: star });
        }
        self.next();
        let word = self.word(span);
        let is_plain = word.bytes().all(|byte| byte.is_ascii_digit());
        let count = word.parse().ok().filter(|count| is_plain && (1..=MOST_INSTANCES).contains(count));
        match count {
            Some(value) => Ok(Some(Spanned { value, span: star.to(span) })),
            None => Err(ParseErrorKind::BadCount { word, span }),
        }
    }

    /// What is wrong with a token that has no place inside a bracket.
    fn inside_bracket(&self, kind: TokenKind, span: Span, open: Span) -> ParseErrorKind {
        match kind {
            TokenKind::Open => ParseErrorKind::Nested { span },
            TokenKind::Equals => ParseErrorKind::StrayEquals { span },
            TokenKind::Star => ParseErrorKind::StrayStar { span },
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
            TokenKind::Close | TokenKind::Comma | TokenKind::Plus | TokenKind::Equals | TokenKind::Star => {
                false
            }
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
mod tests;
