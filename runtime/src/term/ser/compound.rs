//! What has elements.

use serde::ser::{
    Error as _, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant,
};

use super::{Failed, Serializer};
use crate::term::format::write_count;
use crate::term::{EncodeError, Format, MAX_RESERVED, write};

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
    /// How many there are, as was said beforehand.
    Native(u32),
}

/// The head of a list or map: tag and count.
const HEAD: usize = 5;

impl<'a, 'b> Compound<'a, 'b> {
    fn new(serializer: &'a mut Serializer<'b>, kind: Kind) -> Result<Self, Failed> {
        serializer.enter()?;
        let start = serializer.out.len();
        match kind {
            Kind::Tuple(arity) => write::tuple(arity, serializer.out),
            // What serde says beforehand is a hint: the count is written at the end.
            Kind::List => write::list(0, serializer.out),
            Kind::Map => write::map(0, serializer.out),
            Kind::Native(_) => {}
        }
        Ok(Self { serializer, kind, start, count: 0, levels: 1 })
    }

    pub(super) fn list(serializer: &'a mut Serializer<'b>, len: Option<usize>) -> Result<Self, Failed> {
        match serializer.format {
            Format::Terms => Self::new(serializer, Kind::List),
            Format::Native => Self::counted(serializer, len),
        }
    }

    pub(super) fn map(serializer: &'a mut Serializer<'b>, len: Option<usize>) -> Result<Self, Failed> {
        match serializer.format {
            Format::Terms => Self::new(serializer, Kind::Map),
            Format::Native => Self::counted(serializer, len),
        }
    }

    /// A list or map in the native format.
    fn counted(serializer: &'a mut Serializer<'b>, len: Option<usize>) -> Result<Self, Failed> {
        let len = len.ok_or_else(|| Failed::custom("how long it is stands only at its end"))?;
        let count = count(len)?;
        write_count(count, serializer.out);
        serializer.out.reserve(len.min(MAX_RESERVED));
        Self::new(serializer, Kind::Native(count))
    }

    /// A variant that holds more than a value, in the native format.
    pub(super) fn variant(
        serializer: &'a mut Serializer<'b>,
        number: u32,
        len: usize,
    ) -> Result<Self, Failed> {
        write_count(number, serializer.out);
        Self::new(serializer, Kind::Native(count(len)?))
    }

    pub(super) fn tuple(serializer: &'a mut Serializer<'b>, arity: usize) -> Result<Self, Failed> {
        let arity = count(arity)?;
        if !serializer.is_native() {
            return Self::new(serializer, Kind::Tuple(arity));
        }
        if arity == 0 {
            serializer.nothing()?;
        }
        Self::new(serializer, Kind::Native(arity))
    }

    /// A tuple that begins with the name of a variant.
    pub(super) fn tagged(mut self, variant: &str) -> Result<Self, Failed> {
        write::snake_atom(variant, self.serializer.out)?;
        self.count += 1;
        Ok(self)
    }

    /// In a tuple that ends with it.
    pub(super) fn inside(mut self) -> Self {
        self.levels += 1;
        self
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        self.count = self.count.checked_add(1).ok_or(EncodeError::TooLong)?;
        value.serialize(&mut *self.serializer)
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Failed> {
        if !self.serializer.is_native() {
            write::atom(name, self.serializer.out)?;
        }
        self.element(value)
    }

    /// What is left out is told by its name, if there are names.
    fn skip(&self, name: &str) -> Result<(), Failed> {
        if !self.serializer.is_native() {
            return Ok(());
        }
        Err(Failed::custom(format_args!("the field `{name}` is left out")))
    }

    fn finish(self) -> Result<(), Failed> {
        let Self { serializer, kind, start, count, levels } = self;
        serializer.depth -= levels;
        let out = &mut *serializer.out;
        match kind {
            Kind::Tuple(said) | Kind::Native(said) if said == count => {}
            Kind::Tuple(_) => return Err(EncodeError::Malformed("a tuple").into()),
            Kind::Native(_) => return Err(EncodeError::Malformed("what says how long it is").into()),
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

fn count(len: usize) -> Result<u32, Failed> {
    u32::try_from(len).map_err(|_| EncodeError::TooLong.into())
}

impl SerializeSeq for Compound<'_, '_> {
    type Ok = ();
    type Error = Failed;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        self.element(value)
    }

    fn end(self) -> Result<(), Failed> {
        self.finish()
    }
}

impl SerializeTuple for Compound<'_, '_> {
    type Ok = ();
    type Error = Failed;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        self.element(value)
    }

    fn end(self) -> Result<(), Failed> {
        self.finish()
    }
}

impl SerializeTupleStruct for Compound<'_, '_> {
    type Ok = ();
    type Error = Failed;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        self.element(value)
    }

    fn end(self) -> Result<(), Failed> {
        self.finish()
    }
}

impl SerializeTupleVariant for Compound<'_, '_> {
    type Ok = ();
    type Error = Failed;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        self.element(value)
    }

    fn end(self) -> Result<(), Failed> {
        self.finish()
    }
}

impl SerializeMap for Compound<'_, '_> {
    type Ok = ();
    type Error = Failed;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Failed> {
        key.serialize(&mut *self.serializer)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        self.element(value)
    }

    fn end(self) -> Result<(), Failed> {
        self.finish()
    }
}

impl SerializeStruct for Compound<'_, '_> {
    type Ok = ();
    type Error = Failed;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Failed> {
        self.field(name, value)
    }

    fn skip_field(&mut self, name: &'static str) -> Result<(), Failed> {
        self.skip(name)
    }

    fn end(self) -> Result<(), Failed> {
        self.finish()
    }
}

impl SerializeStructVariant for Compound<'_, '_> {
    type Ok = ();
    type Error = Failed;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Failed> {
        self.field(name, value)
    }

    fn skip_field(&mut self, name: &'static str) -> Result<(), Failed> {
        self.skip(name)
    }

    fn end(self) -> Result<(), Failed> {
        self.finish()
    }
}
