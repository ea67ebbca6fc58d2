//! How many bytes a value takes when it is serialised, for mailboxes that are bounded by bytes.

use std::fmt::{self, Display};

use serde::ser::{
    Error, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

/// A value to be weighed: `(&Weight(value)).weigh()`, with both traits in scope, takes the first that fits. Generated code
/// says so, because it does not know which values can be serialised.
#[doc(hidden)]
#[derive(Debug)]
pub struct Weight<'a, T: ?Sized>(pub &'a T);

/// What can be serialised.
#[doc(hidden)]
pub trait Heavy {
    /// What it takes when it is serialised, about: numbers count their width, strings and bytes their length, lengths
    /// and variants four bytes.
    fn weigh(&self) -> usize;
}

/// What cannot.
#[doc(hidden)]
pub trait Light {
    /// Nothing beside what it takes in memory.
    fn weigh(&self) -> usize {
        0
    }
}

impl<T: Serialize + ?Sized> Heavy for Weight<'_, T> {
    fn weigh(&self) -> usize {
        let mut count = Count(0);
        match self.0.serialize(&mut count) {
            Ok(()) | Err(Unserialisable) => count.0,
        }
    }
}

impl<T: ?Sized> Light for &Weight<'_, T> {}

/// What a length and the number of a variant take.
const TAG: usize = 4;

/// Counts instead of writing.
struct Count(usize);

impl Count {
    fn add(&mut self, bytes: usize) -> Result<(), Unserialisable> {
        self.0 = self.0.saturating_add(bytes);
        Ok(())
    }

    fn nested(&mut self, bytes: usize) -> Result<&mut Self, Unserialisable> {
        self.add(bytes).map(|()| self)
    }
}

/// A type refused to be serialised.
#[derive(Debug)]
struct Unserialisable;

impl Display for Unserialisable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot be serialised")
    }
}

impl std::error::Error for Unserialisable {}

impl Error for Unserialisable {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}

macro_rules! numbers {
    ($($method:ident: $type:ty,)*) => {
        $(fn $method(self, _: $type) -> Result<(), Unserialisable> { self.add(size_of::<$type>()) })*
    };
}

macro_rules! compounds {
    ($($method:ident($($parameter:ty),*) -> $compound:ident, $bytes:expr;)*) => {
        $(
            type $compound = Self;
            fn $method(self, $(_: $parameter),*) -> Result<Self, Unserialisable> { self.nested($bytes) }
        )*
    };
}

impl Serializer for &mut Count {
    type Ok = ();
    type Error = Unserialisable;

    numbers! {
        serialize_bool: bool, serialize_char: char, serialize_f32: f32, serialize_f64: f64,
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64, serialize_i128: i128,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_u128: u128,
    }

    compounds! {
        serialize_seq(Option<usize>) -> SerializeSeq, TAG;
        serialize_tuple(usize) -> SerializeTuple, 0;
        serialize_tuple_struct(&'static str, usize) -> SerializeTupleStruct, 0;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> SerializeTupleVariant, TAG;
        serialize_map(Option<usize>) -> SerializeMap, TAG;
        serialize_struct(&'static str, usize) -> SerializeStruct, 0;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> SerializeStructVariant, TAG;
    }

    fn serialize_str(self, value: &str) -> Result<(), Unserialisable> {
        self.add(TAG + value.len())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Unserialisable> {
        self.add(TAG + value.len())
    }

    fn serialize_none(self) -> Result<(), Unserialisable> {
        self.add(1)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unserialisable> {
        self.nested(1).and_then(|count| value.serialize(count))
    }

    fn serialize_unit(self) -> Result<(), Unserialisable> {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Unserialisable> {
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Result<(), Unserialisable> {
        self.add(TAG)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Unserialisable> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), Unserialisable> {
        self.nested(TAG).and_then(|count| value.serialize(count))
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

macro_rules! elements {
    ($($compound:ident: $($method:ident($($parameter:ty),*))+;)*) => {
        $(
            impl $compound for &mut Count {
                type Ok = ();
                type Error = Unserialisable;
                $(
                    fn $method<T: Serialize + ?Sized>(
                        &mut self,
                        $(_: $parameter,)*
                        value: &T,
                    ) -> Result<(), Unserialisable> {
                        value.serialize(&mut **self)
                    }
                )+
                fn end(self) -> Result<(), Unserialisable> { Ok(()) }
            }
        )*
    };
}

elements! {
    SerializeSeq: serialize_element();
    SerializeTuple: serialize_element();
    SerializeTupleStruct: serialize_field();
    SerializeTupleVariant: serialize_field();
    SerializeMap: serialize_key() serialize_value();
    SerializeStruct: serialize_field(&'static str);
    SerializeStructVariant: serialize_field(&'static str);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Serialize;

    use super::*;

    #[derive(Serialize)]
    struct Order {
        id: u64,
        items: Vec<String>,
        paid: Option<bool>,
        kind: Kind,
    }

    #[derive(Serialize)]
    enum Kind {
        Plain,
        Gift { to: String },
    }

    fn weigh<T: Serialize + ?Sized>(value: &T) -> usize {
        Weight(value).weigh()
    }

    #[test]
    #[expect(clippy::needless_borrow, reason = "the borrow chooses the trait, as in generated code")]
    fn what_cannot_be_serialised_weighs_nothing() {
        struct Opaque;
        assert_eq!((&Weight(&Opaque)).weigh(), 0);
        assert_eq!((&Weight(&7_u16)).weigh(), 2);
    }

    #[test]
    fn a_value_weighs_what_it_holds() {
        assert_eq!(weigh(&()), 0);
        assert_eq!(weigh(&7_u16), 2);
        assert_eq!(weigh("twelve"), 4 + 6);
        assert_eq!(weigh(&vec![1_u8, 2, 3]), 4 + 3);
        assert_eq!(weigh(&BTreeMap::from([(1_u32, 'x')])), 4 + 4 + 4);
        let mut order = Order { id: 1, items: vec!["ab".into()], paid: None, kind: Kind::Plain };
        assert_eq!(weigh(&order), 8 + (4 + (4 + 2)) + 1 + 4);
        order = Order { paid: Some(true), kind: Kind::Gift { to: "you".into() }, ..order };
        assert_eq!(weigh(&order), 8 + (4 + (4 + 2)) + 2 + (4 + (4 + 3)));
    }
}
