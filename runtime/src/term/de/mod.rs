//! From bytes to serde.

mod access;
mod magic;
mod scalar;

use std::any::type_name;
use std::borrow::Cow;

use serde::de::value::{BorrowedBytesDeserializer, BorrowedStrDeserializer};
use serde::de::{Deserializer, Error as _, Visitor};

use self::access::{Elements, Pairs};
use super::reader::expected;
use super::{ATOM, DecodeError, PID, RAW, REFERENCE, Reader, tag};

impl<'de> Reader<'de> {
    /// A list, however it was written.
    fn visit_list<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, DecodeError> {
        if self.is_native() {
            let len = self.native_head(1)?;
            return self.visit_tuple(len, visitor);
        }
        if self.peek()? == tag::STRING {
            let bytes = self.string()?;
            let mut elements = magic::Characters::new(bytes);
            let value = visitor.visit_seq(&mut elements)?;
            return elements.end().map(|()| value);
        }
        self.enter()?;
        let Some(len) = self.list()? else {
            self.leave();
            return visitor.visit_seq(Elements::new(self, 0));
        };
        let mut elements = Elements::new(self, len);
        let value = visitor.visit_seq(&mut elements)?;
        elements.end()?;
        self.list_end()?;
        self.leave();
        Ok(value)
    }

    fn visit_tuple<V: Visitor<'de>>(&mut self, arity: u32, visitor: V) -> Result<V::Value, DecodeError> {
        self.enter()?;
        let mut elements = Elements::new(self, arity);
        let value = visitor.visit_seq(&mut elements)?;
        elements.end()?;
        self.leave();
        Ok(value)
    }

    fn visit_map<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, DecodeError> {
        let len = if self.is_native() { self.native_head(2)? } else { self.map()? };
        self.enter()?;
        let mut pairs = Pairs::new(self, len);
        let value = visitor.visit_map(&mut pairs)?;
        pairs.end()?;
        self.leave();
        Ok(value)
    }

    /// A struct: a map of which the keys that are not known are left out; in the native format its fields.
    fn visit_struct<V: Visitor<'de>>(
        &mut self,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        if !self.is_native() {
            return self.visit_map(visitor);
        }
        if names.is_empty() {
            self.native_nothing()?;
        }
        self.enter()?;
        let value = visitor.visit_seq(&mut Elements::fields(self, names))?;
        self.leave();
        Ok(value)
    }

    fn visit_integer<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.small()? {
            Some(value) => visitor.visit_i64(value),
            None => {
                let (negative, magnitude) = self.big()?;
                visit_big(negative, magnitude, visitor)
            }
        }
    }

    /// An atom, as what it stands for where no type says what it should be.
    fn visit_atom<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, DecodeError> {
        let name = self.atom()?;
        match name.as_ref() {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            "nil" | "undefined" => visitor.visit_unit(),
            _ => visit_text(name, visitor),
        }
    }

    fn visit_text<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, DecodeError> {
        visit_text(self.text()?, visitor)
    }

    fn visit_bytes<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_borrowed_bytes(self.bytes()?)
    }
}

/// One that 64 bits do not hold.
fn visit_big<'de, V: Visitor<'de>>(
    negative: bool,
    magnitude: Option<u128>,
    visitor: V,
) -> Result<V::Value, DecodeError> {
    let too_big = || DecodeError::custom("an integer has more than 128 bits");
    let value = magnitude.ok_or_else(too_big)?;
    if let Ok(value) = i128::try_from(value) {
        let value = if negative { -value } else { value };
        return match (i64::try_from(value), u64::try_from(value)) {
            (Ok(value), _) => visitor.visit_i64(value),
            (_, Ok(value)) => visitor.visit_u64(value),
            _ => visitor.visit_i128(value),
        };
    }
    match negative {
        false => visitor.visit_u128(value),
        true if value == i128::MIN.unsigned_abs() => visitor.visit_i128(i128::MIN),
        true => Err(too_big()),
    }
}

fn visit_text<'de, V: Visitor<'de>>(text: Cow<'de, str>, visitor: V) -> Result<V::Value, DecodeError> {
    match text {
        Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
        Cow::Owned(text) => visitor.visit_string(text),
    }
}

/// Methods of a deserializer that all do the same.
macro_rules! forward {
    ($($method:ident)* => $to:ident) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
            self.$to(visitor)
        })*
    };
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = DecodeError;

    fn is_human_readable(&self) -> bool {
        false
    }

    forward! {
        deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128 => visit_integer
    }
    forward! { deserialize_str deserialize_string deserialize_identifier => visit_text }
    forward! { deserialize_bytes deserialize_byte_buf => visit_bytes }
    forward! { deserialize_seq => visit_list }
    forward! { deserialize_map => visit_map }

    fn deserialize_i8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        if self.is_native() {
            visitor.visit_i8(self.u8()?.cast_signed())
        } else {
            self.visit_integer(visitor)
        }
    }

    // Also into the code of lists of bytes, for which serde has no method.
    #[inline]
    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        if self.is_native() { visitor.visit_u8(self.u8()?) } else { self.visit_integer(visitor) }
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        if self.is_native() { visitor.visit_char(self.native_char()?) } else { self.visit_text(visitor) }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        if !self.is_native() {
            return self.deserialize_f64(visitor);
        }
        visitor.visit_f32(f32::from_le_bytes(self.array()?))
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.describes_itself()?;
        match self.peek()? {
            tag::SMALL_INTEGER | tag::INTEGER | tag::SMALL_BIG | tag::LARGE_BIG => {
                self.visit_integer(visitor)
            }
            tag::NEW_FLOAT | tag::FLOAT => visitor.visit_f64(self.float()?),
            tag::BINARY => {
                let bytes = self.binary()?;
                match std::str::from_utf8(bytes) {
                    Ok(text) => visitor.visit_borrowed_str(text),
                    Err(_) => visitor.visit_borrowed_bytes(bytes),
                }
            }
            tag::NIL | tag::STRING | tag::LIST => self.visit_list(visitor),
            tag::SMALL_TUPLE | tag::LARGE_TUPLE => {
                let arity = self.tuple()?;
                self.visit_tuple(arity, visitor)
            }
            tag::MAP => self.visit_map(visitor),
            _ if self.is_atom() => self.visit_atom(visitor),
            found => Err(expected("a value", found)),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_bool(self.bool()?)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        if self.is_native() {
            return visitor.visit_f64(f64::from_le_bytes(self.array()?));
        }
        match self.peek()? {
            // Whoever writes `1` for `1.0` means it.
            tag::SMALL_INTEGER | tag::INTEGER | tag::SMALL_BIG | tag::LARGE_BIG => {
                self.visit_integer(visitor)
            }
            _ => visitor.visit_f64(self.float()?),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        let levels = self.levels();
        if self.is_none()? {
            return visitor.visit_none();
        }
        let value = visitor.visit_some(&mut *self)?;
        self.leave_to(levels);
        Ok(value)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.unit()?;
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.unit_struct(name).map_err(|error| error.of_type(name))?;
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        match name {
            ATOM => match self.atom()? {
                Cow::Borrowed(name) => visitor.visit_newtype_struct(BorrowedStrDeserializer::new(name)),
                Cow::Owned(name) => {
                    visitor.visit_newtype_struct(serde::de::value::StringDeserializer::new(name))
                }
            },
            PID => magic::visit_pid(&self.pid()?, visitor),
            REFERENCE => magic::visit_reference(&self.reference()?, visitor),
            RAW => visitor.visit_newtype_struct(BorrowedBytesDeserializer::new(self.skip()?)),
            _ => visitor.visit_newtype_struct(self).map_err(|error| error.of_type(name)),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, DecodeError> {
        let arity = self.tuple_head(len)?;
        self.visit_tuple(arity, visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.deserialize_tuple(len, visitor).map_err(|error| error.of_type(name))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.visit_struct(names, visitor).map_err(|error| error.of_type(type_name::<V::Value>()))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        access::visit_enum(self, name, variants, visitor)
            .map_err(|error| error.of_type(type_name::<V::Value>()))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.describes_itself()?;
        self.skip()?;
        visitor.visit_unit()
    }
}
