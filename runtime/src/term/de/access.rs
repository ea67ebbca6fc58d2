//! What has elements.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::{StrDeserializer, U32Deserializer};
use serde::de::{
    DeserializeSeed, EnumAccess, Error as _, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor,
};

use super::magic::Empty;
use crate::term::error::Problem;
use crate::term::{DecodeError, MAX_RESERVED, Reader, snake};

/// The elements of a list or a tuple.
pub(super) struct Elements<'a, 'de> {
    reader: &'a mut Reader<'de>,
    len: u32,
    left: u32,
    /// Of the fields of a struct in the native format.
    names: &'static [&'static str],
}

impl<'a, 'de> Elements<'a, 'de> {
    pub(super) fn new(reader: &'a mut Reader<'de>, len: u32) -> Self {
        Self { reader, len, left: len, names: &[] }
    }

    /// The fields of a struct; there may be fewer than names, of which a field can have several.
    pub(super) fn fields(reader: &'a mut Reader<'de>, names: &'static [&'static str]) -> Self {
        let len = u32::try_from(names.len()).unwrap_or(u32::MAX);
        Self { reader, len, left: len, names }
    }

    #[cold]
    fn at(&self, error: DecodeError) -> DecodeError {
        let at = self.len - self.left - 1;
        match self.names.get(at as usize) {
            Some(name) => error.at(format_args!(".{name}")),
            None => error.at(format_args!("[{at}]")),
        }
    }

    /// That all were taken.
    pub(super) fn end(self) -> Result<(), DecodeError> {
        if self.left == 0 {
            return Ok(());
        }
        Err(Problem::Arity { expected: (self.len - self.left) as usize, found: self.len }.into())
    }
}

impl<'de> SeqAccess<'de> for Elements<'_, 'de> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DecodeError> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        seed.deserialize(&mut *self.reader).map(Some).map_err(|error| self.at(error))
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
        seed.deserialize(&mut *self.reader).map_err(|error| at_key(error, self.key, self.reader.is_native()))
    }

    fn size_hint(&self) -> Option<usize> {
        Some((self.left as usize).min(MAX_RESERVED))
    }
}

/// Says at which key, if it is a name.
#[cold]
fn at_key(error: DecodeError, key: &[u8], is_native: bool) -> DecodeError {
    let mut key = Reader::new(key);
    match key.atom() {
        Ok(name) if !is_native => error.at(format_args!(".{name}")),
        _ => error.at(format_args!("[_]")),
    }
}

/// An enum: an atom, or a tuple that begins with one; in the native format a number, and what the variant holds.
pub(super) fn visit_enum<'de, V: Visitor<'de>>(
    reader: &mut Reader<'de>,
    name: &'static str,
    variants: &'static [&'static str],
    visitor: V,
) -> Result<V::Value, DecodeError> {
    let levels = reader.levels();
    let (tag, holds) = begin(reader, name, variants)?;
    let value = visitor.visit_enum(Variant { reader: &mut *reader, tag, holds })?;
    reader.leave_to(levels);
    Ok(value)
}

/// Takes what says which variant it is.
fn begin<'de>(
    reader: &mut Reader<'de>,
    name: &'static str,
    variants: &'static [&'static str],
) -> Result<(Tag<'de>, Holds), DecodeError> {
    if reader.is_native() {
        return Ok((Tag::Number(reader.count()?), Holds::Fields));
    }
    if !reader.is_tuple() {
        let tag = Tag::named(reader, name, variants)?;
        return Ok((tag, Holds::Nothing { is_result: name == "Result" }));
    }
    let arity = reader.tuple()?;
    let Some(left) = arity.checked_sub(1) else {
        return Err(Problem::Expected { expected: "a variant", found: "an empty tuple" }.into());
    };
    reader.enter()?;
    Ok((Tag::named(reader, name, variants)?, Holds::Elements(left)))
}

/// Which variant it is.
enum Tag<'de> {
    /// Its name: as in the program if it is one of them, else as it came.
    Name(Cow<'de, str>),
    Number(u32),
}

impl<'de> Tag<'de> {
    fn named(
        reader: &mut Reader<'de>,
        name: &'static str,
        variants: &'static [&'static str],
    ) -> Result<Self, DecodeError> {
        let atom = reader.atom()?;
        if name == "Result" && atom == "error" {
            return Ok(Self::Name(Cow::Borrowed("Err")));
        }
        let known = variants.iter().find(|variant| snake::is_snake(variant, &atom));
        Ok(Self::Name(known.map_or(atom, |variant| Cow::Borrowed(*variant))))
    }

    fn deserialize<T: DeserializeSeed<'de>>(&self, seed: T) -> Result<T::Value, DecodeError> {
        match self {
            Self::Name(name) => {
                let name: StrDeserializer<'_, DecodeError> = name.as_ref().into_deserializer();
                seed.deserialize(name)
            }
            Self::Number(number) => {
                let number: U32Deserializer<DecodeError> = (*number).into_deserializer();
                seed.deserialize(number)
            }
        }
    }
}

impl fmt::Display for Tag<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Number(number) => number.fmt(f),
        }
    }
}

/// What follows the tag.
enum Holds {
    Nothing {
        is_result: bool,
    },
    /// So many, in the tuple.
    Elements(u32),
    /// What the variant holds, in the native format.
    Fields,
}

/// A variant whose tag was taken.
struct Variant<'a, 'de> {
    reader: &'a mut Reader<'de>,
    tag: Tag<'de>,
    holds: Holds,
}

impl Variant<'_, '_> {
    /// That there is as much as the variant holds.
    fn holds(&mut self, expected: usize) -> Result<(), DecodeError> {
        match self.holds {
            Holds::Fields if expected == 0 => Ok(()),
            Holds::Fields => self.reader.enter(),
            Holds::Elements(came) if came as usize == expected => Ok(()),
            Holds::Elements(came) => {
                let tag = &self.tag;
                Err(DecodeError::custom(format_args!("variant `{tag}` holds {expected}, and {came} came")))
            }
            Holds::Nothing { .. } if expected == 0 => Ok(()),
            Holds::Nothing { .. } => {
                let tag = &self.tag;
                Err(DecodeError::custom(format_args!("variant `{tag}` came without what it holds")))
            }
        }
    }

    fn at(&self, error: DecodeError) -> DecodeError {
        error.at(format_args!(".{}", self.tag))
    }
}

impl<'de> EnumAccess<'de> for Variant<'_, 'de> {
    type Error = DecodeError;
    type Variant = Self;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self), DecodeError> {
        let variant = self.tag.deserialize(seed)?;
        Ok((variant, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de> {
    type Error = DecodeError;

    fn unit_variant(mut self) -> Result<(), DecodeError> {
        self.holds(0)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(mut self, seed: T) -> Result<T::Value, DecodeError> {
        if matches!(self.holds, Holds::Nothing { is_result: true }) {
            return seed.deserialize(Empty);
        }
        self.holds(1)?;
        seed.deserialize(&mut *self.reader).map_err(|error| self.at(error))
    }

    fn tuple_variant<V: Visitor<'de>>(mut self, len: usize, visitor: V) -> Result<V::Value, DecodeError> {
        self.holds(len)?;
        let mut elements = Elements::new(self.reader, u32::try_from(len).unwrap_or(u32::MAX));
        let value = visitor.visit_seq(&mut elements).and_then(|value| elements.end().map(|()| value));
        value.map_err(|error| self.at(error))
    }

    fn struct_variant<V: Visitor<'de>>(
        mut self,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        let value = if self.reader.is_native() {
            self.holds(names.len())?;
            visitor.visit_seq(&mut Elements::fields(self.reader, names))
        } else {
            self.holds(1)?;
            self.reader.visit_map(visitor)
        };
        value.map_err(|error| self.at(error))
    }
}
