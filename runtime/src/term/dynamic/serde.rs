//! Through serde: as the bytes of one term, in a newtype struct that says so.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer};
use serde::ser::{Error as _, Serialize, Serializer};

use super::Term;
use crate::term::{RAW, Reader};

impl Serialize for Term {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut bytes = Vec::new();
        self.write(&mut bytes).map_err(S::Error::custom)?;
        serializer.serialize_newtype_struct(RAW, &Bytes(&bytes))
    }
}

struct Bytes<'a>(&'a [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

impl<'de> Deserialize<'de> for Term {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(RAW, Raw)
    }
}

struct Raw;

impl<'de> de::Visitor<'de> for Raw {
    type Value = Term;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bytes of a term")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Term, D::Error> {
        deserializer.deserialize_bytes(self)
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Term, E> {
        let mut reader = Reader::new(bytes);
        let term = reader.term().map_err(E::custom)?;
        reader.end().map_err(E::custom)?;
        Ok(term)
    }

    /// Formats without bytes have lists of numbers instead.
    fn visit_seq<A: de::SeqAccess<'de>>(self, mut elements: A) -> Result<Term, A::Error> {
        let mut bytes = Vec::new();
        while let Some(byte) = elements.next_element()? {
            bytes.push(byte);
        }
        self.visit_bytes(&bytes)
    }
}
