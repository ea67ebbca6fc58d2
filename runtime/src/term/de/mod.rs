//! From bytes to serde.

mod access;
mod magic;

use std::any::type_name;
use std::borrow::Cow;

use serde::de::value::{BorrowedBytesDeserializer, BorrowedStrDeserializer};
use serde::de::{Deserializer, Error as _, Visitor};

use self::access::{Elements, Pairs};
use super::error::Problem;
use super::reader::{Integer, expected, unsigned, utf8};
use super::{ATOM, DecodeError, PID, RAW, REFERENCE, Reader, tag};

impl<'de> Reader<'de> {
    /// A list, however it was written.
    fn visit_list<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, DecodeError> {
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
        let len = self.map()?;
        self.enter()?;
        let mut pairs = Pairs::new(self, len);
        let value = visitor.visit_map(&mut pairs)?;
        pairs.end()?;
        self.leave();
        Ok(value)
    }

    /// A struct: a map of which the keys that are not known are left out.
    fn visit_struct<V: Visitor<'de>>(
        &mut self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.visit_map(visitor).map_err(|error| error.of_type(name))
    }

    fn visit_integer<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, DecodeError> {
        let (negative, magnitude) = match self.integer()? {
            Integer::Small(value) => return visitor.visit_i64(value),
            Integer::Big { negative, magnitude } => (negative, unsigned(magnitude)),
        };
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

    /// Text: a binary, or what Erlang also has as text.
    fn visit_text<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.peek()? {
            tag::BINARY => visitor.visit_borrowed_str(utf8(self.binary()?)?),
            tag::STRING => {
                let text: String = self.string()?.iter().copied().map(char::from).collect();
                visitor.visit_string(text)
            }
            tag::NIL | tag::LIST => {
                let text = self.characters()?;
                visitor.visit_string(text)
            }
            _ if self.is_atom() => visit_text(self.atom()?, visitor),
            found => Err(expected("a string", found)),
        }
    }

    /// A list of characters.
    fn characters(&mut self) -> Result<String, DecodeError> {
        let Some(len) = self.list()? else { return Ok(String::new()) };
        let mut text = String::new();
        for _ in 0..len {
            let code = u32::try_from(self.small_integer()?).ok().and_then(char::from_u32);
            text.push(code.ok_or(Problem::Expected { expected: "a string", found: "a list" })?);
        }
        self.list_end()?;
        Ok(text)
    }

    fn visit_bytes<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.peek()? {
            tag::BINARY => visitor.visit_borrowed_bytes(self.binary()?),
            tag::STRING => visitor.visit_borrowed_bytes(self.string()?),
            tag::NIL => self.list().and_then(|_| visitor.visit_borrowed_bytes(&[])),
            found => Err(expected("a binary", found)),
        }
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
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128 => visit_integer
    }
    forward! { deserialize_f32 => deserialize_f64 }
    forward! { deserialize_char deserialize_str deserialize_string deserialize_identifier => visit_text }
    forward! { deserialize_bytes deserialize_byte_buf => visit_bytes }
    forward! { deserialize_seq => visit_list }
    forward! { deserialize_map => visit_map }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
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
        match self.atom()?.as_ref() {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            _ => Err(Problem::Expected { expected: "true or false", found: "another atom" }.into()),
        }
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.peek()? {
            // Whoever writes `1` for `1.0` means it.
            tag::SMALL_INTEGER | tag::INTEGER | tag::SMALL_BIG | tag::LARGE_BIG => {
                self.visit_integer(visitor)
            }
            _ => visitor.visit_f64(self.float()?),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        if self.is("nil") || self.is("undefined") { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        if self.is("ok") { visitor.visit_unit() } else { Err(expected("ok", self.peek()?)) }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        let atom = self.atom().map_err(|error| error.of_type(name))?;
        if super::snake::is_snake(name, &atom) {
            return visitor.visit_unit();
        }
        Err(DecodeError::custom(format_args!("expected its name, found `{atom}`")).of_type(name))
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
        match self.tuple()? {
            arity if arity as usize == len => self.visit_tuple(arity, visitor),
            found => Err(Problem::Arity { expected: len, found }.into()),
        }
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
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.visit_struct(type_name::<V::Value>(), visitor)
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
        self.skip()?;
        visitor.visit_unit()
    }
}
