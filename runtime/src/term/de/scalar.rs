//! What has no elements, and heads, in either format. Not generic, so it is compiled once for all types.

use std::borrow::Cow;

use serde::de::Error as _;

use crate::term::error::Problem;
use crate::term::reader::{Integer, expected, unsigned, utf8};
use crate::term::{DecodeError, Reader, snake, tag};

impl<'de> Reader<'de> {
    /// Takes an integer; a big one is not taken.
    pub(super) fn small(&mut self) -> Result<Option<i64>, DecodeError> {
        if self.is_native() {
            return self.native_integer();
        }
        let (value, rest) = match self.rest() {
            [tag::SMALL_INTEGER, byte, rest @ ..] => (i64::from(*byte), rest),
            [tag::INTEGER, a, b, c, d, rest @ ..] => (i32::from_be_bytes([*a, *b, *c, *d]).into(), rest),
            [tag::SMALL_BIG | tag::LARGE_BIG, ..] => return Ok(None),
            // Says what is wrong.
            _ => return self.small_integer().map(Some),
        };
        self.go_on_at(rest);
        Ok(Some(value))
    }

    /// Takes a big integer: whether it is negative, and its magnitude, if 128 bits hold it.
    pub(super) fn big(&mut self) -> Result<(bool, Option<u128>), DecodeError> {
        if self.is_native() {
            return self.native_big();
        }
        Ok(match self.integer()? {
            Integer::Small(value) => (value < 0, Some(value.unsigned_abs().into())),
            Integer::Big { negative, magnitude } => (negative, unsigned(magnitude)),
        })
    }

    /// Text: a binary, or what Erlang also has as text.
    pub(super) fn text(&mut self) -> Result<Cow<'de, str>, DecodeError> {
        if self.is_native() {
            return Ok(Cow::Borrowed(utf8(self.native_bytes()?)?));
        }
        match self.peek()? {
            tag::BINARY => Ok(Cow::Borrowed(utf8(self.binary()?)?)),
            tag::STRING => Ok(Cow::Owned(self.string()?.iter().copied().map(char::from).collect())),
            tag::NIL | tag::LIST => self.characters().map(Cow::Owned),
            _ if self.is_atom() => self.atom(),
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

    pub(super) fn bytes(&mut self) -> Result<&'de [u8], DecodeError> {
        if self.is_native() {
            return self.native_bytes();
        }
        match self.peek()? {
            tag::BINARY => self.binary(),
            tag::STRING => self.string(),
            tag::NIL => self.list().map(|_| [].as_slice()),
            found => Err(expected("a binary", found)),
        }
    }

    pub(super) fn bool(&mut self) -> Result<bool, DecodeError> {
        if self.is_native() {
            return self.native_bool();
        }
        match self.atom()?.as_ref() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(Problem::Expected { expected: "true or false", found: "another atom" }.into()),
        }
    }

    /// Takes what says that there is nothing, or in the native format what says that there is something.
    pub(super) fn is_none(&mut self) -> Result<bool, DecodeError> {
        if !self.is_native() {
            let is_none = self.is("nil") || self.is("undefined");
            if !is_none {
                self.enter_option()?;
            }
            return Ok(is_none);
        }
        let is_some = self.native_bool()?;
        if is_some {
            self.enter()?;
        }
        Ok(!is_some)
    }

    pub(super) fn unit(&mut self) -> Result<(), DecodeError> {
        match self.is_native() {
            true => self.native_nothing(),
            false if self.is("ok") => Ok(()),
            false => Err(expected("ok", self.peek()?)),
        }
    }

    pub(super) fn unit_struct(&mut self, name: &str) -> Result<(), DecodeError> {
        if self.is_native() {
            return self.native_nothing();
        }
        let atom = self.atom()?;
        if snake::is_snake(name, &atom) {
            return Ok(());
        }
        Err(DecodeError::custom(format_args!("expected its name, found `{atom}`")))
    }

    /// Takes the head of a tuple of `len` elements.
    pub(super) fn tuple_head(&mut self, len: usize) -> Result<u32, DecodeError> {
        if self.is_native() {
            if len == 0 {
                self.native_nothing()?;
            }
            return u32::try_from(len).map_err(|_| Problem::Count.into());
        }
        match self.tuple()? {
            arity if arity as usize == len => Ok(arity),
            found => Err(Problem::Arity { expected: len, found }.into()),
        }
    }

    /// That what comes says itself what it is.
    pub(super) fn describes_itself(&self) -> Result<(), DecodeError> {
        if self.is_native() { Err(Problem::Undescribed.into()) } else { Ok(()) }
    }
}
