//! From serde to bytes.

mod compound;
mod parts;

use std::fmt;

use serde::ser::Serialize;

pub(super) use self::compound::Compound;
use super::format::{write_big, write_count, write_integer, write_len};
use super::{ATOM, EncodeError, Format, MAX_DEPTH, PID, RAW, REFERENCE, Reader, tag, write};

/// Why something is not written: one word, since whatever is written passes it on.
#[derive(Debug)]
pub(super) struct Failed(Box<EncodeError>);

impl Failed {
    pub(super) fn error(self) -> EncodeError {
        *self.0
    }
}

impl From<EncodeError> for Failed {
    #[cold]
    fn from(error: EncodeError) -> Self {
        Self(Box::new(error))
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Failed {}

impl serde::ser::Error for Failed {
    fn custom<T: fmt::Display>(message: T) -> Self {
        EncodeError::custom(message).into()
    }
}

/// Writes values one after the other.
pub(super) struct Serializer<'a> {
    out: &'a mut Vec<u8>,
    depth: u16,
    format: Format,
    /// Where the last `()` was written.
    unit: Option<usize>,
}

impl<'a> Serializer<'a> {
    pub(super) fn new(out: &'a mut Vec<u8>, format: Format) -> Self {
        Self { out, depth: 0, format, unit: None }
    }

    fn is_native(&self) -> bool {
        self.format == Format::Native
    }

    fn enter(&mut self) -> Result<(), Failed> {
        if self.depth == MAX_DEPTH {
            return Err(EncodeError::TooDeep.into());
        }
        self.depth += 1;
        Ok(())
    }

    /// What is empty.
    fn nothing(&mut self) -> Result<(), Failed> {
        self.out.push(0);
        Ok(())
    }

    /// Begins with what there is; as a term that is all there is to it.
    fn some(&mut self) -> Result<(), Failed> {
        if self.is_native() {
            self.enter()?;
            self.out.push(1);
        }
        Ok(())
    }

    /// Begins with a variant that holds one value.
    fn variant(&mut self, name: &str, number: u32, variant: &str) -> Result<(), Failed> {
        self.enter()?;
        if self.is_native() {
            write_count(number, self.out);
            return Ok(());
        }
        write::tuple(2, self.out);
        match result(name, variant) {
            Some(atom) => write::atom(atom, self.out),
            None => write::snake_atom(variant, self.out),
        }?;
        self.unit = None;
        Ok(())
    }

    /// `{ok, V}` and `{error, E}`: of an empty `V` or `E` only the atom, which is how Erlang says it.
    fn end_variant(&mut self, name: &str, variant: &str, start: usize) -> Result<(), Failed> {
        self.depth -= 1;
        match result(name, variant) {
            // The head of a tuple, and that of the atom.
            Some(atom) if !self.is_native() && self.unit == Some(start + 4 + atom.len()) => {
                self.out.truncate(start);
                Ok(write::atom(atom, self.out)?)
            }
            _ => Ok(()),
        }
    }
    /// What one of the names that begin with `$` is around. Its parts are not ours, so it is read back.
    fn magic<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Failed> {
        let start = self.out.len();
        match name {
            PID => self.out.push(tag::NEW_PID),
            REFERENCE => self.out.extend_from_slice(&[tag::NEWER_REFERENCE, 0, 0]),
            _ => {}
        }
        value.serialize(parts::Parts::new(name, self.out))?;
        if name == REFERENCE {
            count_words(&mut self.out[start + 1..]).ok_or(EncodeError::Malformed(name))?;
        }
        let mut reader = Reader::new(&self.out[start..]);
        let read = match name {
            ATOM => reader.atom().map(drop),
            PID => reader.pid().map(drop),
            REFERENCE => reader.reference().map(drop),
            _ => reader.skip().map(drop),
        };
        read.and_then(|()| reader.end()).map_err(|_| EncodeError::Malformed(name).into())
    }
}

/// What a variant of `Result` is called.
fn result(name: &str, variant: &str) -> Option<&'static str> {
    match (name, variant) {
        ("Result", "Ok") => Some("ok"),
        ("Result", "Err") => Some("error"),
        _ => None,
    }
}

/// Writes the number of words of a reference, which stands before its node and creation: they end it.
fn count_words(reference: &mut [u8]) -> Option<()> {
    let (count, rest) = reference.split_first_chunk_mut::<2>()?;
    let mut reader = Reader::new(rest);
    reader.atom().ok()?;
    let words = (reader.rest().len() / 4).checked_sub(1)?;
    *count = u16::try_from(words).ok()?.to_be_bytes();
    Some(())
}

impl<'a, 'b> serde::Serializer for &'a mut Serializer<'b> {
    type Ok = ();
    type Error = Failed;
    type SerializeSeq = Compound<'a, 'b>;
    type SerializeTuple = Compound<'a, 'b>;
    type SerializeTupleStruct = Compound<'a, 'b>;
    type SerializeTupleVariant = Compound<'a, 'b>;
    type SerializeMap = Compound<'a, 'b>;
    type SerializeStruct = Compound<'a, 'b>;
    type SerializeStructVariant = Compound<'a, 'b>;

    fn is_human_readable(&self) -> bool {
        false
    }

    fn serialize_bool(self, value: bool) -> Result<(), Failed> {
        if self.is_native() {
            self.out.push(u8::from(value));
            return Ok(());
        }
        Ok(write::atom(if value { "true" } else { "false" }, self.out)?)
    }

    fn serialize_i8(self, value: i8) -> Result<(), Failed> {
        if self.is_native() {
            self.serialize_u8(value.cast_unsigned())
        } else {
            self.serialize_i64(value.into())
        }
    }

    fn serialize_i16(self, value: i16) -> Result<(), Failed> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), Failed> {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<(), Failed> {
        match self.format {
            Format::Terms => write::integer(value, self.out),
            Format::Native => write_integer(value, self.out),
        }
        Ok(())
    }

    fn serialize_i128(self, value: i128) -> Result<(), Failed> {
        match i64::try_from(value) {
            Ok(value) => return self.serialize_i64(value),
            Err(_) if self.is_native() => {
                let negative = value < 0;
                write_big(negative, if negative { !value } else { value }.cast_unsigned(), self.out);
            }
            Err(_) => write::big(value < 0, &value.unsigned_abs().to_le_bytes(), self.out),
        }
        Ok(())
    }

    // Also into the code of lists of bytes, for which serde has no method.
    #[inline]
    fn serialize_u8(self, value: u8) -> Result<(), Failed> {
        match self.format {
            Format::Terms => write::integer(value.into(), self.out),
            Format::Native => self.out.push(value),
        }
        Ok(())
    }

    fn serialize_u16(self, value: u16) -> Result<(), Failed> {
        self.serialize_i64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), Failed> {
        self.serialize_i64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<(), Failed> {
        self.serialize_u128(value.into())
    }

    fn serialize_u128(self, value: u128) -> Result<(), Failed> {
        match i64::try_from(value) {
            Ok(value) => return self.serialize_i64(value),
            Err(_) if self.is_native() => write_big(false, value, self.out),
            Err(_) => write::big(false, &value.to_le_bytes(), self.out),
        }
        Ok(())
    }

    fn serialize_f32(self, value: f32) -> Result<(), Failed> {
        match self.format {
            Format::Terms => return Ok(write::float(value.into(), self.out)?),
            Format::Native => self.out.extend_from_slice(&value.to_le_bytes()),
        }
        Ok(())
    }

    fn serialize_f64(self, value: f64) -> Result<(), Failed> {
        match self.format {
            Format::Terms => return Ok(write::float(value, self.out)?),
            Format::Native => self.out.extend_from_slice(&value.to_le_bytes()),
        }
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), Failed> {
        if !self.is_native() {
            return self.serialize_str(value.encode_utf8(&mut [0; 4]));
        }
        write_count(value.into(), self.out);
        Ok(())
    }

    fn serialize_str(self, value: &str) -> Result<(), Failed> {
        self.serialize_bytes(value.as_bytes())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Failed> {
        if !self.is_native() {
            return Ok(write::binary(value, self.out)?);
        }
        write_len(value.len(), self.out)?;
        self.out.extend_from_slice(value);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Failed> {
        if self.is_native() { self.nothing() } else { Ok(write::atom("nil", self.out)?) }
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Failed> {
        let depth = self.depth;
        self.some()?;
        value.serialize(&mut *self)?;
        self.depth = depth;
        Ok(())
    }

    fn serialize_unit(self) -> Result<(), Failed> {
        if self.is_native() {
            return self.nothing();
        }
        self.unit = Some(self.out.len());
        Ok(write::atom("ok", self.out)?)
    }

    fn serialize_unit_struct(self, name: &'static str) -> Result<(), Failed> {
        if self.is_native() { self.nothing() } else { Ok(write::snake_atom(name, self.out)?) }
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        number: u32,
        variant: &'static str,
    ) -> Result<(), Failed> {
        if !self.is_native() {
            return Ok(write::snake_atom(variant, self.out)?);
        }
        write_count(number, self.out);
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Failed> {
        match name {
            ATOM | PID | REFERENCE | RAW => self.magic(name, value),
            _ => value.serialize(self),
        }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        number: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Failed> {
        let start = self.out.len();
        self.variant(name, number, variant)?;
        value.serialize(&mut *self)?;
        self.end_variant(name, variant, start)
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Compound<'a, 'b>, Failed> {
        Compound::list(self, len)
    }

    fn serialize_tuple(self, len: usize) -> Result<Compound<'a, 'b>, Failed> {
        Compound::tuple(self, len)
    }

    fn serialize_tuple_struct(self, _: &'static str, len: usize) -> Result<Compound<'a, 'b>, Failed> {
        Compound::tuple(self, len)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        number: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Compound<'a, 'b>, Failed> {
        if self.is_native() {
            return Compound::variant(self, number, len);
        }
        let compound = Compound::tuple(self, len + 1)?;
        compound.tagged(variant)
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Compound<'a, 'b>, Failed> {
        Compound::map(self, len)
    }

    fn serialize_struct(self, _: &'static str, len: usize) -> Result<Compound<'a, 'b>, Failed> {
        if self.is_native() { Compound::tuple(self, len) } else { Compound::map(self, None) }
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        number: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Compound<'a, 'b>, Failed> {
        if self.is_native() {
            return Compound::variant(self, number, len);
        }
        write::tuple(2, self.out);
        write::snake_atom(variant, self.out)?;
        self.enter()?;
        Compound::map(self, None).map(Compound::inside)
    }
}
