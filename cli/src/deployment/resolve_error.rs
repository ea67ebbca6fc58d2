//! What can be wrong with an expression that is well written but does not fit its workspace.

use std::fmt;

use miette::{Diagnostic, LabeledSpan, SourceCode};
use thiserror::Error;

use super::{Explain, InExpression, Span};
use crate::error::Failure;
use crate::exit::ExitCode;
use crate::workspace::LONGEST;

/// One reason why an expression does not fit its workspace.
pub type ResolveError = InExpression<ResolveErrorKind>;

/// Every reason why an expression does not fit its workspace: all are reported at once. Never empty.
#[derive(Debug, Clone)]
pub struct ResolveErrors(pub Vec<ResolveError>);

impl fmt::Display for ResolveErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.first().map_or(Ok(()), |error| error.fmt(f))
    }
}

impl std::error::Error for ResolveErrors {}

impl Failure for ResolveErrors {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Usage
    }
}

/// Drawn as the first error, then the others below it.
impl Diagnostic for ResolveErrors {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.0.first()?.help()
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.0.first()?.source_code()
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.0.first()?.labels()
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        Some(Box::new(self.0.iter().skip(1).map(|error| error as &dyn Diagnostic)))
    }
}

/// What does not fit, and at which bytes.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields are the facts that the messages name")]
pub enum ResolveErrorKind {
    /// No member of the workspace has this name.
    #[error("unknown application `{name}`")]
    UnknownApplication { name: String, span: Span, closest: Option<String>, known: Vec<String> },
    /// A member of the workspace that is no application.
    #[error("`{name}` is a crate of this workspace, but not an application")]
    NotAnApplication { name: String, span: Span },
    /// An application in two brackets, or twice in one.
    #[error("application `{name}` is placed {}", times(again.len() + 1))]
    PlacedTwice { name: String, first: Span, again: Vec<Span> },
    /// Applications in no bracket.
    #[error("{} placed nowhere", subject(names))]
    NotPlaced { names: Vec<String>, completed: String },
    /// Two releases of one name.
    #[error("two releases are named `{name}`")]
    DuplicateRelease { name: String, first: Span, again: Span },
    /// A name that something else has.
    #[error("release name `{name}` is taken: {taken}")]
    NameTaken { name: String, span: Span, taken: Taken },
    /// A name made from a bracket's applications that is longer than any name may be.
    #[error("the release name of this bracket, its applications joined by `_`, is {length} bytes long")]
    LongDefaultName { length: usize, span: Span },
}

/// Who has a name already.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Taken {
    /// A member of the workspace.
    #[error("the crate `{0}` of this workspace has it")]
    Member(String),
    /// The release of all applications.
    #[error("the release of all applications has it")]
    DefaultRelease,
    /// Another release of this deployment makes the package of that name.
    #[error("the package of release `{0}` has it")]
    Package(String),
}

impl Explain for ResolveErrorKind {
    fn labels(&self) -> Vec<(Span, Option<&'static str>)> {
        match self {
            Self::UnknownApplication { span, .. }
            | Self::NotAnApplication { span, .. }
            | Self::NameTaken { span, .. }
            | Self::LongDefaultName { span, .. } => vec![(*span, None)],
            Self::PlacedTwice { first, again, .. } => {
                let again = again.iter().map(|span| (*span, Some("also here")));
                std::iter::once((*first, None)).chain(again).collect()
            }
            Self::DuplicateRelease { first, again, .. } => vec![(*first, None), (*again, Some("also here"))],
            Self::NotPlaced { .. } => Vec::new(),
        }
    }

    fn help(&self) -> Option<String> {
        let help = match self {
            Self::UnknownApplication { closest: Some(closest), known, .. } => {
                format!("did you mean `{closest}`? applications: {}", known.join(", "))
            }
            Self::UnknownApplication { known, .. } if known.is_empty() => {
                "this umbrella has no application yet; make one with `umbrella new <name> --sup`".to_owned()
            }
            Self::UnknownApplication { known, .. } => format!("applications: {}", known.join(", ")),
            Self::NotAnApplication { name, .. } => format!(
                "leave it out, it is linked where it is needed; or make it an application with \
                 `[package.metadata.umbrella]` in the Cargo.toml of `{name}`"
            ),
            Self::PlacedTwice { .. } => {
                "an application runs in exactly one release of a deployment".to_owned()
            }
            Self::NotPlaced { completed, .. } => format!(
                "every application has one place, libraries included, so that none is forgotten: write \
                 `{completed}`, or leave some out on purpose with `--partial`"
            ),
            Self::DuplicateRelease { name, .. } => {
                format!("give one of them another name, as in `{name}_2=[...]`")
            }
            Self::NameTaken { name, .. } => {
                format!("give the release another name, as in `{name}_node=[...]`")
            }
            Self::LongDefaultName { .. } => {
                format!("{LONGEST} are allowed: give the release a name, as in `web=[...]`")
            }
        };
        Some(help)
    }
}

fn times(count: usize) -> String {
    match count {
        2 => "twice".to_owned(),
        count => format!("{count} times"),
    }
}

fn subject(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [one] => format!("application {one} is"),
        [many @ .., last] => format!("applications {} and {last} are", many.join(", ")),
        [] => "no application is".to_owned(),
    }
}
