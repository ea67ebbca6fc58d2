//! What an argument is that was not sent: nothing, if it is optional.

use serde::de::value::Error;
use serde::de::{Deserialize, Deserializer, Error as _, Visitor};
use serde::forward_to_deserialize_any;

/// The value of an argument that a caller does not know of, so that one that is optional can be added.
///
/// Source: serde, which does the same for the fields of structs.
pub(super) fn absent<'de, T: Deserialize<'de>>() -> Option<T> {
    T::deserialize(Absent).ok()
}

struct Absent;

impl<'de> Deserializer<'de> for Absent {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom("absent"))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_none()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_optional_may_be_absent() {
        assert_eq!(absent::<Option<u8>>(), Some(None));
        assert_eq!(absent::<u8>(), None);
        assert_eq!(absent::<()>(), None);
        assert_eq!(absent::<Vec<u8>>(), None);
    }
}
