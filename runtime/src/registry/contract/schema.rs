//! What messages are made of, as data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a protocol is to other nodes: its handlers, in the order of their numbers, and the types that they mention.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Contract {
    pub(crate) handlers: Vec<Handler>,
    /// By their full names.
    pub(crate) types: BTreeMap<String, Definition>,
}

/// A handler.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Handler {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// One, if it is an info.
    pub(crate) arguments: Vec<Field>,
    /// What a call answers.
    pub(crate) reply: Option<Type>,
}

/// How a message comes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Call,
    Cast,
    /// By itself: other nodes do not know the name of its handler.
    Info,
}

/// A part with a name.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Field {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) ty: Type,
    /// It may be missing in what is read.
    pub(crate) optional: bool,
}

/// What a value is made of.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
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
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Definition {
    Struct(Vec<Field>),
    Enum(Vec<Variant>),
}

/// A variant of an enum.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Variant {
    pub(crate) name: String,
    pub(crate) content: Content,
}

/// What is in a variant.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Content {
    /// Not found out.
    Unknown,
    Unit,
    One(Type),
    Tuple(Vec<Type>),
    Struct(Vec<Field>),
}

impl Contract {
    /// Whether all is found out, and nothing may be whatever it says itself.
    pub(crate) fn is_known(&self) -> bool {
        let handlers = self
            .handlers
            .iter()
            .flat_map(|handler| handler.arguments.iter().map(|argument| &argument.ty).chain(&handler.reply));
        let variants = self.types.values().flat_map(|definition| match definition {
            Definition::Enum(variants) => variants.as_slice(),
            Definition::Struct(_) => &[],
        });
        handlers.chain(self.types.values().flat_map(Definition::parts)).all(Type::is_known)
            && variants.into_iter().all(|variant| variant.content != Content::Unknown)
    }
}

impl Definition {
    /// The types in it.
    pub(super) fn parts(&self) -> Vec<&Type> {
        match self {
            Self::Struct(fields) => fields.iter().map(|field| &field.ty).collect(),
            Self::Enum(variants) => variants.iter().flat_map(|variant| variant.content.types()).collect(),
        }
    }
}

impl Type {
    /// The types that it is made of itself.
    pub(super) fn parts(&self) -> Vec<&Type> {
        match self {
            Self::Option(inner) | Self::List(inner) => vec![inner],
            Self::Map(key, value) => vec![key, value],
            Self::Tuple(all) => all.iter().collect(),
            Self::Unknown
            | Self::Any
            | Self::Unit
            | Self::Bool
            | Self::Integer { .. }
            | Self::Float
            | Self::Char
            | Self::Text
            | Self::Bytes
            | Self::Atom(_)
            | Self::Special(_)
            | Self::Named(_) => Vec::new(),
        }
    }

    fn is_known(&self) -> bool {
        !matches!(self, Self::Unknown | Self::Any) && self.parts().into_iter().all(Self::is_known)
    }

    /// Adds what is known by `other`.
    pub(super) fn learn(&mut self, other: Self) {
        match (self, other) {
            (_, Self::Unknown) => {}
            (Self::Option(known), Self::Option(more)) | (Self::List(known), Self::List(more)) => {
                known.learn(*more);
            }
            (Self::Map(key, value), Self::Map(more_key, more_value)) => {
                key.learn(*more_key);
                value.learn(*more_value);
            }
            (Self::Tuple(known), Self::Tuple(more)) if known.len() == more.len() => {
                known.iter_mut().zip(more).for_each(|(known, more)| known.learn(more));
            }
            (known @ Self::Unknown, other) => *known = other,
            // The same again.
            _ => {}
        }
    }
}

impl Content {
    pub(super) fn learn(&mut self, other: Self) {
        match (self, other) {
            (_, Self::Unknown) => {}
            (Self::One(known), Self::One(more)) => known.learn(more),
            (Self::Tuple(known), Self::Tuple(more)) if known.len() == more.len() => {
                known.iter_mut().zip(more).for_each(|(known, more)| known.learn(more));
            }
            (Self::Struct(known), Self::Struct(more)) => learn_fields(known, more),
            (known @ Self::Unknown, other) => *known = other,
            // The same again.
            _ => {}
        }
    }

    /// The types in it.
    pub(super) fn types(&self) -> Vec<&Type> {
        match self {
            Self::Unknown | Self::Unit => Vec::new(),
            Self::One(one) => vec![one],
            Self::Tuple(all) => all.iter().collect(),
            Self::Struct(fields) => fields.iter().map(|field| &field.ty).collect(),
        }
    }
}

/// Adds what is known of the same fields by `more`.
pub(super) fn learn_fields(known: &mut [Field], more: Vec<Field>) {
    for (known, more) in known.iter_mut().zip(more) {
        known.ty.learn(more.ty);
        known.optional |= more.optional;
    }
}
