//! What has elements.

use std::borrow::Cow;

use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeSeed, EnumAccess, Error as _, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor,
};

use super::magic::Empty;
use crate::term::error::Problem;
use crate::term::{DecodeError, MAX_RESERVED, Reader, snake};

/// The elements of a list or a tuple.
pub(super) struct Elements<'a, 'de> {
    reader: &'a mut Reader<'de>,
    left: u32,
    at: u32,
}

impl<'a, 'de> Elements<'a, 'de> {
    pub(super) fn new(reader: &'a mut Reader<'de>, len: u32) -> Self {
        Self { reader, left: len, at: 0 }
    }

    /// That all were taken.
    pub(super) fn end(self) -> Result<(), DecodeError> {
        if self.left == 0 {
            return Ok(());
        }
        Err(Problem::Arity { expected: self.at as usize, found: self.at.saturating_add(self.left) }.into())
    }
}

impl<'de> SeqAccess<'de> for Elements<'_, 'de> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DecodeError> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        let at = self.at;
        self.left = left;
        self.at += 1;
        seed.deserialize(&mut *self.reader).map(Some).map_err(|error| error.at(format_args!("[{at}]")))
    }

    fn size_hint(&self) -> Option<usize> {
        Some((self.left as usize).min(MAX_RESERVED))
    }
}

/// The pairs of a map.
pub(super) struct Pairs<'a, 'de> {
    reader: &'a mut Reader<'de>,
    left: u32,
    /// Where the key begins whose value is next.
    key: &'de [u8],
}

impl<'a, 'de> Pairs<'a, 'de> {
    pub(super) fn new(reader: &'a mut Reader<'de>, len: u32) -> Self {
        Self { reader, left: len, key: &[] }
    }

    /// That all were taken.
    pub(super) fn end(self) -> Result<(), DecodeError> {
        if self.left == 0 { Ok(()) } else { Err(Problem::Malformed("a map").into()) }
    }
}

impl<'de> MapAccess<'de> for Pairs<'_, 'de> {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, DecodeError> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        self.key = self.reader.rest();
        seed.deserialize(&mut *self.reader).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, DecodeError> {
        seed.deserialize(&mut *self.reader).map_err(|error| at_key(error, self.key))
    }

    fn size_hint(&self) -> Option<usize> {
        Some((self.left as usize).min(MAX_RESERVED))
    }
}

/// Says at which key, if it is a name.
#[cold]
fn at_key(error: DecodeError, key: &[u8]) -> DecodeError {
    let mut key = Reader::new(key);
    match key.atom() {
        Ok(name) => error.at(format_args!(".{name}")),
        Err(_) => error.at(format_args!("[_]")),
    }
}

/// An enum: an atom, or a tuple that begins with one.
pub(super) fn visit_enum<'de, V: Visitor<'de>>(
    reader: &mut Reader<'de>,
    name: &'static str,
    variants: &'static [&'static str],
    visitor: V,
) -> Result<V::Value, DecodeError> {
    if !reader.is_tuple() {
        let tag = Tag::read(reader, name, variants)?;
        return visitor.visit_enum(Alone { tag, is_result: name == "Result" });
    }
    let arity = reader.tuple()?;
    let Some(left) = arity.checked_sub(1) else {
        return Err(Problem::Expected { expected: "a variant", found: "an empty tuple" }.into());
    };
    reader.enter()?;
    let tag = Tag::read(reader, name, variants)?;
    let value = visitor.visit_enum(Tagged { reader, tag, left })?;
    reader.leave();
    Ok(value)
}

/// The name of a variant: as in the program if it is one of them, else as it came.
struct Tag<'de>(Cow<'de, str>);

impl<'de> Tag<'de> {
    fn read(
        reader: &mut Reader<'de>,
        name: &'static str,
        variants: &'static [&'static str],
    ) -> Result<Self, DecodeError> {
        let atom = reader.atom()?;
        if name == "Result" && atom == "error" {
            return Ok(Self(Cow::Borrowed("Err")));
        }
        let known = variants.iter().find(|variant| snake::is_snake(variant, &atom));
        Ok(Self(known.map_or(atom, |variant| Cow::Borrowed(*variant))))
    }

    fn deserialize<T: DeserializeSeed<'de>>(&self, seed: T) -> Result<T::Value, DecodeError> {
        let tag: StrDeserializer<'_, DecodeError> = self.0.as_ref().into_deserializer();
        seed.deserialize(tag)
    }
}

/// A variant that is an atom.
struct Alone<'de> {
    tag: Tag<'de>,
    is_result: bool,
}

impl<'de> EnumAccess<'de> for Alone<'de> {
    type Error = DecodeError;
    type Variant = Self;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self), DecodeError> {
        let variant = self.tag.deserialize(seed)?;
        Ok((variant, self))
    }
}

impl Alone<'_> {
    fn bare<T>(&self) -> Result<T, DecodeError> {
        Err(DecodeError::custom(format_args!("variant `{}` came without what it holds", self.tag.0)))
    }
}

impl<'de> VariantAccess<'de> for Alone<'de> {
    type Error = DecodeError;

    fn unit_variant(self) -> Result<(), DecodeError> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, DecodeError> {
        if self.is_result { seed.deserialize(Empty) } else { self.bare() }
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, DecodeError> {
        self.bare()
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, DecodeError> {
        self.bare()
    }
}

/// A variant that is a tuple, whose name was taken.
struct Tagged<'a, 'de> {
    reader: &'a mut Reader<'de>,
    tag: Tag<'de>,
    left: u32,
}

impl Tagged<'_, '_> {
    /// That the tuple has as many elements as the variant has fields.
    fn holds(&self, expected: usize) -> Result<(), DecodeError> {
        if self.left as usize == expected {
            return Ok(());
        }
        let tag = &self.tag.0;
        Err(DecodeError::custom(format_args!("variant `{tag}` holds {expected}, and {} came", self.left)))
    }
}

impl<'de> EnumAccess<'de> for Tagged<'_, 'de> {
    type Error = DecodeError;
    type Variant = Self;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self), DecodeError> {
        let variant = self.tag.deserialize(seed)?;
        Ok((variant, self))
    }
}

impl<'de> VariantAccess<'de> for Tagged<'_, 'de> {
    type Error = DecodeError;

    fn unit_variant(self) -> Result<(), DecodeError> {
        self.holds(0)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, DecodeError> {
        self.holds(1)?;
        let Self { reader, tag, .. } = self;
        seed.deserialize(&mut *reader).map_err(|error| error.at(format_args!(".{}", tag.0)))
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, DecodeError> {
        self.holds(len)?;
        let Self { reader, tag, left } = self;
        let mut elements = Elements::new(reader, left);
        visitor
            .visit_seq(&mut elements)
            .and_then(|value| elements.end().map(|()| value))
            .map_err(|error| error.at(format_args!(".{}", tag.0)))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.holds(1)?;
        let Self { reader, tag, .. } = self;
        reader.visit_map(visitor).map_err(|error| error.at(format_args!(".{}", tag.0)))
    }
}
