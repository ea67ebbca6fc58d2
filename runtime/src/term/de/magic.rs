//! What is not in the bytes as serde asks for it.

use serde::de::value::{SeqAccessDeserializer, SeqDeserializer};
use serde::de::{DeserializeSeed, Deserializer, IntoDeserializer, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use crate::term::error::Problem;
use crate::term::{DecodeError, MAX_RESERVED, PidParts, Reader, ReferenceParts, tag};

pub(super) fn visit_pid<'de, V: Visitor<'de>>(pid: &PidParts, visitor: V) -> Result<V::Value, DecodeError> {
    let parts = [
        Part::Name(pid.node.as_str()),
        Part::Number(pid.id),
        Part::Number(pid.serial),
        Part::Number(pid.creation),
    ];
    visit_parts(&parts, visitor)
}

pub(super) fn visit_reference<'de, V: Visitor<'de>>(
    reference: &ReferenceParts,
    visitor: V,
) -> Result<V::Value, DecodeError> {
    let parts = [
        Part::Name(reference.node.as_str()),
        Part::Number(reference.creation),
        Part::Numbers(reference.words()),
    ];
    visit_parts(&parts, visitor)
}

fn visit_parts<'de, V: Visitor<'de>>(parts: &[Part<'_>], visitor: V) -> Result<V::Value, DecodeError> {
    visitor.visit_newtype_struct(SeqAccessDeserializer::new(SeqDeserializer::new(parts.iter().copied())))
}

/// A part of a pid or of a reference.
#[derive(Clone, Copy)]
enum Part<'a> {
    Name(&'a str),
    Number(u32),
    Numbers(&'a [u32]),
}

impl<'de> IntoDeserializer<'de, DecodeError> for Part<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Part<'_> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self {
            Part::Name(name) => visitor.visit_str(name),
            Part::Number(number) => visitor.visit_u32(number),
            Part::Numbers(numbers) => visitor.visit_seq(SeqDeserializer::new(numbers.iter().copied())),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// What `ok` and `error` hold when they stand alone: `()`.
pub(super) struct Empty;

impl<'de> Deserializer<'de> for Empty {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_unit()
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// Every small integer as a term.
const SMALL_INTEGERS: [[u8; 2]; 256] = {
    let mut terms = [[tag::SMALL_INTEGER, 0]; 256];
    let mut byte = 0;
    while byte < 256 {
        terms[byte][1] = byte as u8;
        byte += 1;
    }
    terms
};

/// The elements of a list of small integers that was written as a string.
pub(super) struct Characters<'de> {
    bytes: std::slice::Iter<'de, u8>,
    at: usize,
}

impl<'de> Characters<'de> {
    pub(super) fn new(bytes: &'de [u8]) -> Self {
        Self { bytes: bytes.iter(), at: 0 }
    }

    /// That all were taken.
    pub(super) fn end(self) -> Result<(), DecodeError> {
        if self.bytes.as_slice().is_empty() { Ok(()) } else { Err(Problem::Malformed("a list").into()) }
    }
}

impl<'de> SeqAccess<'de> for Characters<'de> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DecodeError> {
        let Some(byte) = self.bytes.next() else { return Ok(None) };
        // As a term of its own: whatever is read from a small integer is read from a character too.
        let integers: &'static [[u8; 2]; 256] = &SMALL_INTEGERS;
        let at = self.at;
        self.at += 1;
        let value = seed.deserialize(&mut Reader::new(&integers[usize::from(*byte)]));
        value.map(Some).map_err(|error| error.at(format_args!("[{at}]")))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.bytes.len().min(MAX_RESERVED))
    }
}
