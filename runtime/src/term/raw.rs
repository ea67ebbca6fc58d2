//! Terms that are only passed on.

use std::fmt;
use std::sync::Arc;

use serde::de::{self, Deserialize, Deserializer};
use serde::{Serialize, Serializer};

use super::{DecodeError, EncodeError, RAW, Reader, Term};

/// One term as its bytes, which is cheap to pass on and to clone.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RawTerm(Arc<[u8]>);

impl RawTerm {
    /// The term that `bytes` are, without a version byte.
    ///
    /// # Errors
    /// [`DecodeError`] if they are not exactly one term.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        reader.skip()?;
        reader.end()?;
        Ok(Self(bytes.into()))
    }

    /// Its bytes, without a version byte.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl TryFrom<&Term> for RawTerm {
    type Error = EncodeError;

    fn try_from(term: &Term) -> Result<Self, EncodeError> {
        let mut bytes = Vec::new();
        term.write(&mut bytes)?;
        Ok(Self(bytes.into()))
    }
}

/// As Erlang prints it.
impl fmt::Display for RawTerm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Reader::new(&self.0).term() {
            Ok(term) => term.fmt(f),
            Err(error) => write!(f, "a term that cannot be printed: {error}"),
        }
    }
}

impl fmt::Debug for RawTerm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for RawTerm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(RAW, &Bytes(&self.0))
    }
}

struct Bytes<'a>(&'a [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

impl<'de> Deserialize<'de> for RawTerm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(RAW, Raw)
    }
}

struct Raw;

impl<'de> de::Visitor<'de> for Raw {
    type Value = RawTerm;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bytes of a term")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<RawTerm, D::Error> {
        deserializer.deserialize_bytes(self)
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<RawTerm, E> {
        RawTerm::from_bytes(bytes).map_err(E::custom)
    }

    /// Formats without bytes have lists of numbers instead.
    fn visit_seq<A: de::SeqAccess<'de>>(self, mut elements: A) -> Result<RawTerm, A::Error> {
        let mut bytes = Vec::new();
        while let Some(byte) = elements.next_element()? {
            bytes.push(byte);
        }
        self.visit_bytes(&bytes)
    }
}
