//! What encoding and decoding fail with.

use std::fmt;

/// Why a value has no form on the wire.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// Erlang has no infinities, and nothing that is not a number.
    #[error("a float is infinite or not a number")]
    NotFinite,
    /// An atom has at most 255 characters.
    #[error("an atom has more than 255 characters")]
    AtomTooLong,
    /// More elements, or more bytes, than 32 bits count.
    #[error("there are more elements or bytes than 32 bits count")]
    TooLong,
    /// Lists, tuples, and maps are nested deeper than a node believes.
    #[error("it is nested deeper than 256 levels")]
    TooDeep,
    /// A `$raw` that is not exactly one term, or a `$pid` or `$reference` that is not made of a name and numbers.
    #[error("`{0}` does not hold what its name says")]
    Malformed(&'static str),
    /// What the type itself says.
    #[error("{0}")]
    Custom(Box<str>),
}

impl serde::ser::Error for EncodeError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Custom(message.to_string().into())
    }
}

/// Why bytes are not the value that was expected: what is wrong, in which type, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DecodeError(Box<Located>);

#[derive(Clone, PartialEq, Eq, Debug)]
struct Located {
    problem: Problem,
    type_name: Option<&'static str>,
    path: String,
}

#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum Problem {
    #[error("it ends in the middle of a term")]
    End,
    #[error("{0} bytes follow the term")]
    Trailing(usize),
    #[error("it does not begin with the version, 131")]
    Version,
    #[error("tag {0} is none that a node sends: {what}", what = super::tag::describe(*.0))]
    Tag(u8),
    #[error("there cannot be as many elements as it says")]
    Count,
    #[error("it is nested deeper than 256 levels")]
    Depth,
    #[error("text is not UTF-8")]
    Utf8,
    #[error("an atom has more than 255 characters")]
    AtomTooLong,
    #[error("a float is not a number")]
    Float,
    #[error("{0} does not hold what it should")]
    Malformed(&'static str),
    #[error("expected {expected}, found {found}")]
    Expected { expected: &'static str, found: &'static str },
    #[error("expected a tuple of {expected}, found one of {found}")]
    Arity { expected: usize, found: u32 },
    #[error("it is read as whatever comes, and what comes does not say what it is")]
    Undescribed,
    #[error("{0}")]
    Custom(Box<str>),
}

impl DecodeError {
    /// The type that did not fit, the innermost one that has a name, with its crate.
    pub fn type_name(&self) -> Option<&'static str> {
        self.0.type_name
    }

    /// Where in the value it is, as one would write it: `items[2].price`; empty at the top.
    pub fn path(&self) -> &str {
        self.0.path.trim_start_matches('.')
    }

    #[cold]
    pub(super) fn of_type(mut self, name: &'static str) -> Self {
        self.0.type_name.get_or_insert(name);
        self
    }

    #[cold]
    pub(super) fn at(mut self, step: fmt::Arguments<'_>) -> Self {
        self.0.path.insert_str(0, &step.to_string());
        self
    }
}

impl From<Problem> for DecodeError {
    #[cold]
    fn from(problem: Problem) -> Self {
        Self(Box::new(Located { problem, type_name: None, path: String::new() }))
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = self.0.type_name {
            write!(f, "{name}: ")?;
        }
        self.0.problem.fmt(f)?;
        if self.path().is_empty() { Ok(()) } else { write!(f, " (at {})", self.path()) }
    }
}

impl std::error::Error for DecodeError {}

impl serde::de::Error for DecodeError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Problem::Custom(message.to_string().into()).into()
    }
}
