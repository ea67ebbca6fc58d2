//! The error of the deserializer: what serde says, kept as facts.

use std::fmt;

use serde::de::{self, Expected, Unexpected};

/// What went wrong at a path.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) cause: Cause,
    /// From the table of the application down; completed as the error goes up.
    pub(super) path: Vec<String>,
}

#[derive(Debug)]
pub(super) enum Cause {
    /// A field without a value.
    Missing(&'static str),
    /// A key that the type does not have.
    Unknown { key: String, expected: &'static [&'static str] },
    /// The value at the path does not fit.
    Mismatch { found: &'static str, expected: String },
    /// Anything else that a type says about its value.
    Refused(String),
}

impl Failure {
    fn new(cause: Cause) -> Self {
        Self { cause, path: Vec::new() }
    }

    pub(super) fn unknown(key: &str) -> Self {
        Self::new(Cause::Unknown { key: key.to_owned(), expected: &[] })
    }

    /// The error as seen from one level up.
    pub(super) fn below(mut self, key: &str) -> Self {
        self.path.insert(0, key.to_owned());
        self
    }
}

impl de::StdError for Failure {}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Cause::Missing(field) => write!(f, "`{field}` is missing"),
            Cause::Unknown { key, .. } => write!(f, "unknown key `{key}`"),
            Cause::Mismatch { found, expected } => write!(f, "expected {expected}, found {found}"),
            Cause::Refused(message) => f.write_str(message),
        }
    }
}

impl de::Error for Failure {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(Cause::Refused(message.to_string()))
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(Cause::Mismatch { found: kind_of(found), expected: expected.to_string() })
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let found = match kind_of(found) {
            "an integer" => "an integer out of its range",
            "a string" => "another string",
            other => other,
        };
        Self::new(Cause::Mismatch { found, expected: expected.to_string() })
    }

    fn invalid_length(_: usize, expected: &dyn Expected) -> Self {
        Self::new(Cause::Mismatch { found: "another number of elements", expected: expected.to_string() })
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        let expected = match expected {
            [] => "nothing".to_owned(),
            [one] => format!("`{one}`"),
            several => format!("one of {}", quoted(several)),
        };
        Self::new(Cause::Mismatch { found: "another word", expected })
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::new(Cause::Unknown { key: field.to_owned(), expected })
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(Cause::Missing(field))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::new(Cause::Refused(format!("`{field}` is set twice")))
    }
}

/// `` `a`, `b` ``.
pub(super) fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// What a value is, without the value: it may be a secret.
fn kind_of(found: Unexpected<'_>) -> &'static str {
    match found {
        Unexpected::Bool(_) => "a boolean",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "an integer",
        Unexpected::Float(_) => "a float",
        Unexpected::Char(_) | Unexpected::Str(_) => "a string",
        Unexpected::Bytes(_) => "bytes",
        Unexpected::Unit => "nothing",
        Unexpected::Option => "an option",
        Unexpected::NewtypeStruct => "a wrapped value",
        Unexpected::Seq => "an array",
        Unexpected::Map => "a table",
        Unexpected::Enum
        | Unexpected::UnitVariant
        | Unexpected::NewtypeVariant
        | Unexpected::TupleVariant
        | Unexpected::StructVariant => "a variant",
        Unexpected::Other(_) => "something else",
    }
}
