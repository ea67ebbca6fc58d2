//! An error somewhere in an expression, ready for a caret.

use std::fmt;

use miette::{Diagnostic, LabeledSpan, SourceCode};

use super::Span;

/// What a kind of error can say about itself beside its message.
pub trait Explain: fmt::Display + fmt::Debug {
    /// The tokens to point at, in order, each with a word on it if its part is not obvious.
    fn labels(&self) -> Vec<(Span, Option<&'static str>)>;

    /// What to write or type instead.
    fn help(&self) -> Option<String>;
}

/// An error of kind `K` together with the text its spans point into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InExpression<K> {
    expression: String,
    /// What is wrong.
    pub kind: K,
}

impl<K> InExpression<K> {
    /// `kind`, found in `expression`.
    pub(super) fn new(expression: &str, kind: K) -> Self {
        Self { expression: expression.to_owned(), kind }
    }

    /// The text that spans point into.
    #[must_use]
    pub fn expression(&self) -> &str {
        &self.expression
    }
}

impl<K: Explain> fmt::Display for InExpression<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.kind, f)
    }
}

impl<K: Explain> std::error::Error for InExpression<K> {}

impl<K: Explain> Diagnostic for InExpression<K> {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.kind.help().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.expression)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let labels = self.kind.labels();
        if labels.is_empty() {
            return None;
        }
        let label = |(span, word): (Span, Option<&'static str>)| {
            LabeledSpan::new_with_span(word.map(str::to_owned), span)
        };
        Some(Box::new(labels.into_iter().map(label)))
    }
}
