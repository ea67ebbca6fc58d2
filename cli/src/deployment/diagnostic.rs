//! An error somewhere in an expression, ready for a caret.

use std::fmt;

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};

use super::Span;
use crate::error::Failure;
use crate::exit::ExitCode;

/// What a kind of error can say about itself beside its message.
pub trait Explain: fmt::Display + fmt::Debug {
    /// The tokens to point at, in order, each with a word on it if its part is not obvious.
    fn labels(&self) -> Vec<(Span, Option<&'static str>)>;

    /// What to write or type instead.
    fn help(&self) -> Option<String>;
}

/// An error of kind `K` together with the text its spans point into.
#[derive(Debug, Clone)]
pub struct InExpression<K> {
    expression: String,
    /// What is wrong.
    pub kind: K,
    file: Option<Box<InFile>>,
}

/// The file an expression was read from.
#[derive(Debug, Clone)]
struct InFile {
    text: NamedSource<String>,
    /// Where the expression begins in it.
    offset: usize,
}

impl<K> InExpression<K> {
    /// `kind`, found in `expression`.
    pub(super) fn new(expression: &str, kind: K) -> Self {
        Self { expression: expression.to_owned(), kind, file: None }
    }

    /// The text that spans point into.
    #[must_use]
    pub fn expression(&self) -> &str {
        &self.expression
    }

    /// The same error, shown where the expression stands in a file: at byte `offset` of its `text`.
    #[must_use]
    pub fn in_file(self, name: &str, text: &str, offset: usize) -> Self {
        let text = NamedSource::new(name, text.to_owned());
        Self { file: Some(Box::new(InFile { text, offset })), ..self }
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
        match &self.file {
            Some(file) => Some(&file.text),
            None => Some(&self.expression),
        }
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let labels = self.kind.labels();
        if labels.is_empty() {
            return None;
        }
        let offset = self.file.as_ref().map_or(0, |file| file.offset);
        let label = move |(span, word): (Span, Option<&'static str>)| {
            let span = Span::new(span.start + offset, span.end + offset);
            LabeledSpan::new_with_span(word.map(str::to_owned), span)
        };
        Some(Box::new(labels.into_iter().map(label)))
    }
}

impl<K: Explain + Send + Sync + 'static> Failure for InExpression<K> {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Usage
    }
}
