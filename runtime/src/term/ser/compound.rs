//! What has elements.

use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant,
};

use super::{EncodeError, Serializer};
use crate::term::write;

/// A list, tuple, or map that is being written.
pub(in crate::term) struct Compound<'a, 'b> {
    serializer: &'a mut Serializer<'b>,
    kind: Kind,
    /// Where it begins.
    start: usize,
    /// How many elements, or pairs, were written.
    count: u32,
    /// How many levels it is.
    levels: u16,
}

enum Kind {
    /// A tuple's arity is written before its elements: it is known.
    Tuple(u32),
    List,
    Map,
}

/// The head of a list or map: tag and count.
const HEAD: usize = 5;

impl<'a, 'b> Compound<'a, 'b> {
    fn new(serializer: &'a mut Serializer<'b>, kind: Kind) -> Result<Self, EncodeError> {
        serializer.enter()?;
        let start = serializer.out.len();
        match kind {
            Kind::Tuple(arity) => write::tuple(arity, serializer.out),
            // What serde says beforehand is a hint: the count is written at the end.
            Kind::List => write::list(0, serializer.out),
            Kind::Map => write::map(0, serializer.out),
        }
        Ok(Self { serializer, kind, start, count: 0, levels: 1 })
    }

    pub(super) fn list(serializer: &'a mut Serializer<'b>) -> Result<Self, EncodeError> {
        Self::new(serializer, Kind::List)
    }

    pub(super) fn map(serializer: &'a mut Serializer<'b>) -> Result<Self, EncodeError> {
        Self::new(serializer, Kind::Map)
    }

    pub(super) fn tuple(serializer: &'a mut Serializer<'b>, arity: usize) -> Result<Self, EncodeError> {
        let arity = u32::try_from(arity).map_err(|_| EncodeError::TooLong)?;
        Self::new(serializer, Kind::Tuple(arity))
    }

    /// A tuple that begins with the name of a variant.
    pub(super) fn tagged(mut self, variant: &str) -> Result<Self, EncodeError> {
        write::snake_atom(variant, self.serializer.out)?;
        self.count += 1;
        Ok(self)
    }

    /// In a tuple that ends with it.
    pub(super) fn inside(mut self) -> Self {
        self.levels += 1;
        self
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        self.count = self.count.checked_add(1).ok_or(EncodeError::TooLong)?;
        value.serialize(&mut *self.serializer)
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), EncodeError> {
        write::atom(name, self.serializer.out)?;
        self.element(value)
    }

    fn finish(self) -> Result<(), EncodeError> {
        let Self { serializer, kind, start, count, levels } = self;
        serializer.depth -= levels;
        let out = &mut *serializer.out;
        match kind {
            Kind::Tuple(arity) if arity == count => {}
            Kind::Tuple(_) => return Err(EncodeError::Malformed("a tuple")),
            Kind::List if count == 0 => {
                out.truncate(start);
                write::nil(out);
            }
            Kind::List => {
                out[start + 1..start + HEAD].copy_from_slice(&count.to_be_bytes());
                write::nil(out);
            }
            Kind::Map => out[start + 1..start + HEAD].copy_from_slice(&count.to_be_bytes()),
        }
        Ok(())
    }
}

impl SerializeSeq for Compound<'_, '_> {
    type Ok = ();
    type Error = EncodeError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        self.element(value)
    }

    fn end(self) -> Result<(), EncodeError> {
        self.finish()
    }
}

impl SerializeTuple for Compound<'_, '_> {
    type Ok = ();
    type Error = EncodeError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        self.element(value)
    }

    fn end(self) -> Result<(), EncodeError> {
        self.finish()
    }
}

impl SerializeTupleStruct for Compound<'_, '_> {
    type Ok = ();
    type Error = EncodeError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        self.element(value)
    }

    fn end(self) -> Result<(), EncodeError> {
        self.finish()
    }
}

impl SerializeTupleVariant for Compound<'_, '_> {
    type Ok = ();
    type Error = EncodeError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        self.element(value)
    }

    fn end(self) -> Result<(), EncodeError> {
        self.finish()
    }
}

impl SerializeMap for Compound<'_, '_> {
    type Ok = ();
    type Error = EncodeError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), EncodeError> {
        key.serialize(&mut *self.serializer)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        self.element(value)
    }

    fn end(self) -> Result<(), EncodeError> {
        self.finish()
    }
}

impl SerializeStruct for Compound<'_, '_> {
    type Ok = ();
    type Error = EncodeError;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), EncodeError> {
        self.field(name, value)
    }

    fn end(self) -> Result<(), EncodeError> {
        self.finish()
    }
}

impl SerializeStructVariant for Compound<'_, '_> {
    type Ok = ();
    type Error = EncodeError;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), EncodeError> {
        self.field(name, value)
    }

    fn end(self) -> Result<(), EncodeError> {
        self.finish()
    }
}
