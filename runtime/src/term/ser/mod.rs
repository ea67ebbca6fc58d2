//! From serde to bytes.

mod compound;
mod parts;

use serde::ser::Serialize;

pub(super) use self::compound::Compound;
use super::{ATOM, EncodeError, MAX_DEPTH, PID, RAW, REFERENCE, Reader, tag, write};

/// Writes values one after the other.
pub(super) struct Serializer<'a> {
    out: &'a mut Vec<u8>,
    depth: u16,
    /// Where the last `()` was written.
    unit: Option<usize>,
}

impl<'a> Serializer<'a> {
    pub(super) fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out, depth: 0, unit: None }
    }

    fn enter(&mut self) -> Result<(), EncodeError> {
        if self.depth == MAX_DEPTH {
            return Err(EncodeError::TooDeep);
        }
        self.depth += 1;
        Ok(())
    }

    /// `{ok, V}` and `{error, E}`; of an empty `V` or `E` only the atom, which is how Erlang says it.
    fn result<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), EncodeError> {
        let start = self.out.len();
        self.enter()?;
        write::tuple(2, self.out);
        write::atom(name, self.out)?;
        let inside = self.out.len();
        self.unit = None;
        value.serialize(&mut *self)?;
        self.depth -= 1;
        if self.unit == Some(inside) {
            self.out.truncate(start);
            write::atom(name, self.out)?;
        }
        Ok(())
    }

    /// What one of the names that begin with `$` is around. Its parts are not ours, so it is read back.
    fn magic<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), EncodeError> {
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
        read.and_then(|()| reader.end()).map_err(|_| EncodeError::Malformed(name))
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
    type Error = EncodeError;
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

    fn serialize_bool(self, value: bool) -> Result<(), EncodeError> {
        write::atom(if value { "true" } else { "false" }, self.out)
    }

    fn serialize_i8(self, value: i8) -> Result<(), EncodeError> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<(), EncodeError> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), EncodeError> {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<(), EncodeError> {
        write::integer(value, self.out);
        Ok(())
    }

    fn serialize_i128(self, value: i128) -> Result<(), EncodeError> {
        match i64::try_from(value) {
            Ok(value) => write::integer(value, self.out),
            Err(_) => write::big(value < 0, &value.unsigned_abs().to_le_bytes(), self.out),
        }
        Ok(())
    }

    fn serialize_u8(self, value: u8) -> Result<(), EncodeError> {
        self.serialize_i64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<(), EncodeError> {
        self.serialize_i64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), EncodeError> {
        self.serialize_i64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<(), EncodeError> {
        self.serialize_u128(value.into())
    }

    fn serialize_u128(self, value: u128) -> Result<(), EncodeError> {
        match i64::try_from(value) {
            Ok(value) => write::integer(value, self.out),
            Err(_) => write::big(false, &value.to_le_bytes(), self.out),
        }
        Ok(())
    }

    fn serialize_f32(self, value: f32) -> Result<(), EncodeError> {
        write::float(value.into(), self.out)
    }

    fn serialize_f64(self, value: f64) -> Result<(), EncodeError> {
        write::float(value, self.out)
    }

    fn serialize_char(self, value: char) -> Result<(), EncodeError> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), EncodeError> {
        write::binary(value.as_bytes(), self.out)
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), EncodeError> {
        write::binary(value, self.out)
    }

    fn serialize_none(self) -> Result<(), EncodeError> {
        write::atom("nil", self.out)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), EncodeError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), EncodeError> {
        self.unit = Some(self.out.len());
        write::atom("ok", self.out)
    }

    fn serialize_unit_struct(self, name: &'static str) -> Result<(), EncodeError> {
        write::snake_atom(name, self.out)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), EncodeError> {
        write::snake_atom(variant, self.out)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<(), EncodeError> {
        match name {
            ATOM | PID | REFERENCE | RAW => self.magic(name, value),
            _ => value.serialize(self),
        }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), EncodeError> {
        match (name, variant) {
            ("Result", "Ok") => self.result("ok", value),
            ("Result", "Err") => self.result("error", value),
            _ => {
                self.enter()?;
                write::tuple(2, self.out);
                write::snake_atom(variant, self.out)?;
                value.serialize(&mut *self)?;
                self.depth -= 1;
                Ok(())
            }
        }
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Compound<'a, 'b>, EncodeError> {
        Compound::list(self)
    }

    fn serialize_tuple(self, len: usize) -> Result<Compound<'a, 'b>, EncodeError> {
        Compound::tuple(self, len)
    }

    fn serialize_tuple_struct(self, _: &'static str, len: usize) -> Result<Compound<'a, 'b>, EncodeError> {
        Compound::tuple(self, len)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Compound<'a, 'b>, EncodeError> {
        let compound = Compound::tuple(self, len + 1)?;
        compound.tagged(variant)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Compound<'a, 'b>, EncodeError> {
        Compound::map(self)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Compound<'a, 'b>, EncodeError> {
        Compound::map(self)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Compound<'a, 'b>, EncodeError> {
        write::tuple(2, self.out);
        write::snake_atom(variant, self.out)?;
        self.enter()?;
        Compound::map(self).map(Compound::inside)
    }
}
