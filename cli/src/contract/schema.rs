//! What a release says of itself.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;

/// The format that is understood.
const VERSION: u32 = 1;

/// What `bin/<release> contracts --json` prints.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Release {
    pub(crate) release: String,
    /// Those that run here, and all they need.
    pub(super) applications: BTreeMap<String, Application>,
    /// Where applications run that do not run here.
    pub(super) elsewhere: BTreeMap<String, String>,
    /// In how many nodes releases run, if in several.
    pub(super) instances: BTreeMap<String, u32>,
    pub(super) protocols: Vec<Protocol>,
    /// Servers of which it is not known what their messages are.
    pub(super) generic: BTreeSet<String>,
}

impl Release {
    /// Whether what is written in this format is understood.
    pub(crate) fn reads(version: u64) -> bool {
        version == u64::from(VERSION)
    }
}

/// An application that is part of a release.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Application {
    /// It has no processes of its own.
    pub(super) library: bool,
    pub(super) needs: BTreeSet<String>,
}

/// A protocol that is part of a release.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
pub(crate) struct Protocol {
    /// The full name, beginning with its crate.
    pub(crate) protocol: String,
    /// The full names of those that serve it.
    pub(crate) servers: BTreeSet<String>,
    #[serde(flatten)]
    pub(crate) contract: Contract,
}

/// The messages of a protocol, and the types that they mention.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
pub(crate) struct Contract {
    pub(crate) handlers: Vec<Handler>,
    /// By their full names.
    pub(crate) types: BTreeMap<String, Definition>,
}

/// A handler.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub(crate) struct Handler {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) arguments: Vec<Field>,
    /// What a call answers.
    pub(crate) reply: Option<Type>,
}

/// How a message comes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Call,
    Cast,
    /// By itself: no handler is named.
    Info,
}

/// A part with a name.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub(crate) struct Field {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) ty: Type,
    /// It may be missing in what is read.
    pub(crate) optional: bool,
}

/// What a value is made of.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Type {
    /// Not found out.
    Unknown,
    /// Whatever it says itself.
    Any,
    Unit,
    Bool,
    Integer {
        signed: bool,
        bits: u8,
    },
    Float,
    Char,
    Text,
    Bytes,
    /// A unit struct.
    Atom(String),
    /// What has a form of its own on the wire, such as a pid.
    Special(String),
    Option(Box<Type>),
    List(Box<Type>),
    Tuple(Vec<Type>),
    Map(Box<Type>, Box<Type>),
    /// One of the types of the contract.
    Named(String),
}

/// A type with a name.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Definition {
    Struct(Vec<Field>),
    Enum(Vec<Variant>),
}

/// A variant of an enum.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub(crate) struct Variant {
    pub(crate) name: String,
    pub(crate) content: Content,
}

/// What is in a variant.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Content {
    /// Not found out.
    Unknown,
    Unit,
    One(Type),
    Tuple(Vec<Type>),
    Struct(Vec<Field>),
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Call => "a call",
            Self::Cast => "a cast",
            Self::Info => "an info",
        })
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown | Self::Any => f.write_str("anything"),
            Self::Unit => f.write_str("()"),
            Self::Bool => f.write_str("bool"),
            Self::Integer { signed, bits } => write!(f, "{}{bits}", if *signed { "i" } else { "u" }),
            Self::Float => f.write_str("a float"),
            Self::Char => f.write_str("char"),
            Self::Text => f.write_str("text"),
            Self::Bytes => f.write_str("bytes"),
            Self::Atom(name) | Self::Named(name) => f.write_str(name),
            Self::Special(name) => f.write_str(name.trim_start_matches('$')),
            Self::Option(inner) => write!(f, "an optional {inner}"),
            Self::List(inner) => write!(f, "a list of {inner}"),
            Self::Tuple(all) => write!(f, "a tuple of {}", all.len()),
            Self::Map(key, value) => write!(f, "a map of {key} to {value}"),
        }
    }
}
