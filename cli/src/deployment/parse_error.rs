//! What can be wrong with the text of an expression.

use thiserror::Error;

use super::scale::MOST_INSTANCES;
use super::{Explain, InExpression, Span};
use crate::workspace::NameError;

/// A text that is no placement expression.
pub type ParseError = InExpression<ParseErrorKind>;

/// What is wrong, and at which bytes.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields are the facts that the messages name")]
pub enum ParseErrorKind {
    /// There is nothing but blanks.
    #[error("the placement expression is empty")]
    Empty,
    /// A character that has no meaning here.
    #[error("unexpected character `{}`", found.escape_debug())]
    BadCharacter { found: char, span: Span },
    /// A bracket without its `]`.
    #[error("this bracket is never closed")]
    Unclosed { open: Span },
    /// A `]` without its `[`.
    #[error("`]` closes nothing")]
    UnexpectedClose { span: Span },
    /// `[]`.
    #[error("a release needs at least one application")]
    EmptyBracket { span: Span },
    /// `[a,[b]]`.
    #[error("a bracket cannot stand inside another one")]
    Nested { span: Span },
    /// A `+` with no release before or after it.
    #[error("`+` needs a release on both sides")]
    StrayPlus { span: Span },
    /// `[a+b]`.
    #[error("`+` stands between releases, not between applications")]
    PlusInside { span: Span },
    /// `[a][b]`.
    #[error("expected `+` between two releases")]
    MissingPlus { span: Span },
    /// A `,` with no application before or after it.
    #[error("`,` needs an application on both sides")]
    StrayComma { span: Span },
    /// `[a],[b]`.
    #[error("`,` stands between applications, not between releases")]
    CommaOutside { span: Span },
    /// `[a b]`.
    #[error("expected `,` between `{before}` and `{after}`")]
    MissingComma { before: String, after: String, span: Span },
    /// `a+[b]`.
    #[error("`{word}` stands outside a bracket")]
    OutsideBracket { word: String, span: Span },
    /// `web=` or `web=a`.
    #[error("expected `[` after `{name}=`")]
    NameWithoutBracket { name: String, span: Span },
    /// `=[a]`.
    #[error("expected a release name before `=`")]
    StrayEquals { span: Span },
    /// `*3` with nothing before it, or `[c]*` with nothing after it.
    #[error("`*` needs a release before it and a number after it")]
    StrayStar { span: Span },
    /// `[c]*x`.
    #[error("`{word}` is no number of instances")]
    BadCount { word: String, span: Span },
    /// `[b,c*3]`.
    #[error("an application that shares its bracket cannot run {count} times on its own")]
    CountedAmongOthers { count: u32, span: Span },
    /// `[c*3]*2`.
    #[error("the instances of this release are counted twice")]
    CountedTwice { span: Span },
    /// A name that no release can have.
    #[error("{error}")]
    BadReleaseName { error: Box<NameError>, span: Span },
    /// A word that no application can be called.
    #[error("invalid application name `{name}`: {reason}")]
    BadApplicationName { name: String, reason: &'static str, span: Span },
}

impl Explain for ParseErrorKind {
    fn labels(&self) -> Vec<(Span, Option<&'static str>)> {
        match self {
            Self::Empty => Vec::new(),
            Self::Unclosed { open: span }
            | Self::BadCharacter { span, .. }
            | Self::UnexpectedClose { span }
            | Self::EmptyBracket { span }
            | Self::Nested { span }
            | Self::StrayPlus { span }
            | Self::PlusInside { span }
            | Self::MissingPlus { span }
            | Self::StrayComma { span }
            | Self::CommaOutside { span }
            | Self::MissingComma { span, .. }
            | Self::OutsideBracket { span, .. }
            | Self::NameWithoutBracket { span, .. }
            | Self::StrayEquals { span }
            | Self::StrayStar { span }
            | Self::BadCount { span, .. }
            | Self::CountedAmongOthers { span, .. }
            | Self::CountedTwice { span }
            | Self::BadReleaseName { span, .. }
            | Self::BadApplicationName { span, .. } => vec![(*span, None)],
        }
    }

    fn help(&self) -> Option<String> {
        let help = match self {
            Self::Empty | Self::BadCharacter { .. } => {
                "one bracket per release, as in `[a,b]+[c]`".to_owned()
            }
            Self::Unclosed { .. } => "add `]` after its last application".to_owned(),
            Self::UnexpectedClose { .. } => "remove it, or open the bracket with `[`".to_owned(),
            Self::EmptyBracket { .. } => "name an application in it, or remove the bracket".to_owned(),
            Self::Nested { .. } => "close the first bracket and write `+` between the two".to_owned(),
            Self::StrayPlus { .. } => "remove it, or write the missing bracket".to_owned(),
            Self::PlusInside { .. } => "separate applications by `,`, as in `[a,b]`".to_owned(),
            Self::MissingPlus { .. } => "one bracket per release, as in `[a]+[b]`".to_owned(),
            Self::StrayComma { .. } => "remove it, or write the missing application".to_owned(),
            Self::CommaOutside { .. } => "separate releases by `+`, as in `[a]+[b]`".to_owned(),
            Self::MissingComma { before, after, .. } => format!("write `{before},{after}`"),
            Self::OutsideBracket { word, .. } => format!("a release is written in brackets: `[{word}]`"),
            Self::NameWithoutBracket { name, .. } => format!("a named release is written `{name}=[a,b]`"),
            Self::StrayEquals { .. } => "a named release is written `web=[a,b]`".to_owned(),
            Self::StrayStar { .. } => "a release that runs three times is written `[c]*3`".to_owned(),
            Self::BadCount { .. } => format!("a number from 1 to {MOST_INSTANCES}, as in `[c]*3`"),
            Self::CountedAmongOthers { count, .. } => {
                format!(
                    "a release runs several times as a whole: `[a,b]*{count}`; or give it a bracket of its own"
                )
            }
            Self::CountedTwice { .. } => "remove one of the two".to_owned(),
            Self::BadReleaseName { error, .. } => format!("try `{}`", error.suggestion),
            Self::BadApplicationName { .. } => {
                "an application name is ASCII letters, digits, `_` and `-`".to_owned()
            }
        };
        Some(help)
    }
}
