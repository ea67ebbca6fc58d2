//! What is inside `$atom`, `$pid`, `$reference`, and `$raw`: names, numbers, bytes; nothing else.

use serde::ser::{Impossible, Serialize, SerializeSeq, SerializeTuple};

use super::Failed;
use crate::term::EncodeError;
use crate::term::{RAW, write};

/// Writes parts as they are: a string is an atom, a number its four bytes.
pub(super) struct Parts<'a> {
    name: &'static str,
    out: &'a mut Vec<u8>,
}

impl<'a> Parts<'a> {
    pub(super) fn new(name: &'static str, out: &'a mut Vec<u8>) -> Self {
        Self { name, out }
    }

    fn malformed<T>(&self) -> Result<T, Failed> {
        Err(EncodeError::Malformed(self.name).into())
    }
}

/// What cannot be a part.
macro_rules! malformed {
    ($($method:ident($($type:ty),*);)*) => {
        $(fn $method(self $(, _: $type)*) -> Result<(), Failed> {
            self.malformed()
        })*
    };
}

impl serde::Serializer for Parts<'_> {
    type Ok = ();
    type Error = Failed;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Impossible<(), Failed>;
    type SerializeTupleVariant = Impossible<(), Failed>;
    type SerializeMap = Impossible<(), Failed>;
    type SerializeStruct = Impossible<(), Failed>;
    type SerializeStructVariant = Impossible<(), Failed>;

    malformed! {
        serialize_bool(bool);
        serialize_i8(i8);
        serialize_i16(i16);
        serialize_i32(i32);
        serialize_i64(i64);
        serialize_u8(u8);
        serialize_u16(u16);
        serialize_u64(u64);
        serialize_f32(f32);
        serialize_f64(f64);
        serialize_char(char);
        serialize_none();
        serialize_unit();
        serialize_unit_struct(&'static str);
        serialize_unit_variant(&'static str, u32, &'static str);
    }

    fn serialize_u32(self, value: u32) -> Result<(), Failed> {
        self.out.extend_from_slice(&value.to_be_bytes());
        Ok(())
    }

    fn serialize_str(self, value: &str) -> Result<(), Failed> {
        if self.name == RAW { self.malformed() } else { Ok(write::atom(value, self.out)?) }
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Failed> {
        if self.name != RAW {
            return self.malformed();
        }
        self.out.extend_from_slice(value);
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Failed> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Failed> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), Failed> {
        self.malformed()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self, Failed> {
        Ok(self)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, Failed> {
        Ok(self)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Impossible<(), Failed>, Failed> {
        self.malformed()
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Impossible<(), Failed>, Failed> {
        self.malformed()
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Impossible<(), Failed>, Failed> {
        self.malformed()
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Impossible<(), Failed>, Failed> {
        self.malformed()
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Impossible<(), Failed>, Failed> {
        self.malformed()
    }
}

impl SerializeTuple for Parts<'_> {
    type Ok = ();
    type Error = Failed;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        value.serialize(Parts::new(self.name, self.out))
    }

    fn end(self) -> Result<(), Failed> {
        Ok(())
    }
}

impl SerializeSeq for Parts<'_> {
    type Ok = ();
    type Error = Failed;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        value.serialize(Parts::new(self.name, self.out))
    }

    fn end(self) -> Result<(), Failed> {
        Ok(())
    }
}
