//! What pids and references are made of.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, Deserialize, Deserializer, SeqAccess};
use serde::{Serialize, Serializer};

use super::error::Problem;
use super::reader::expected;
use super::{Atom, DecodeError, Reader, tag};

/// The most words of a reference.
pub(super) const REFERENCE_WORDS: usize = 5;

/// What a pid consists of, whichever node it is of.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct PidParts {
    /// The node's full name.
    pub node: Atom,
    /// The process's number.
    pub id: u32,
    /// How often the numbers had been used up.
    pub serial: u32,
    /// Which life of the node it is of.
    pub creation: u32,
}

/// What a reference consists of, whichever node it is of.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ReferenceParts {
    /// The node's full name.
    pub node: Atom,
    /// Which life of the node it is of.
    pub creation: u32,
    words: [u32; REFERENCE_WORDS],
    len: u8,
}

impl ReferenceParts {
    /// A reference of up to five words; none if there are more.
    pub fn new(node: Atom, creation: u32, words: &[u32]) -> Option<Self> {
        let mut all = [0; REFERENCE_WORDS];
        all.get_mut(..words.len())?.copy_from_slice(words);
        Some(Self { node, creation, words: all, len: u8::try_from(words.len()).ok()? })
    }

    /// One of as many words as there may be.
    pub(crate) fn own(node: Atom, creation: u32, words: [u32; REFERENCE_WORDS]) -> Self {
        Self { node, creation, words, len: REFERENCE_WORDS as u8 }
    }

    /// Its words, the lowest first.
    pub fn words(&self) -> &[u32] {
        self.words.get(..usize::from(self.len)).unwrap_or_default()
    }
}

/// What a port consists of, whichever node it is of.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct PortParts {
    /// The node's full name.
    pub node: Atom,
    /// The port's number.
    pub id: u64,
    /// Which life of the node it is of.
    pub creation: u32,
}

impl Reader<'_> {
    /// Takes a pid.
    pub(crate) fn pid(&mut self) -> Result<PidParts, DecodeError> {
        let mut at = self.clone();
        let tag = at.u8()?;
        if !matches!(tag, tag::NEW_PID | tag::PID) {
            return Err(expected("a pid", tag));
        }
        let node = Atom::from(&*at.atom()?);
        let (id, serial) = (at.u32()?, at.u32()?);
        let creation = at.creation(tag == tag::NEW_PID)?;
        *self = at;
        Ok(PidParts { node, id, serial, creation })
    }

    /// Takes a reference.
    pub(crate) fn reference(&mut self) -> Result<ReferenceParts, DecodeError> {
        let mut at = self.clone();
        let tag = at.u8()?;
        let len = match tag {
            tag::NEWER_REFERENCE | tag::NEW_REFERENCE => at.u16()?.into(),
            tag::REFERENCE => 1,
            found => return Err(expected("a reference", found)),
        };
        let node = Atom::from(&*at.atom()?);
        let mut words = [0; REFERENCE_WORDS];
        let words = words.get_mut(..len).ok_or(Problem::Malformed("a reference"))?;
        let creation = match tag {
            tag::REFERENCE => {
                words.fill(at.u32()?);
                at.creation(false)?
            }
            tag => {
                let creation = at.creation(tag == tag::NEWER_REFERENCE)?;
                for word in &mut *words {
                    *word = at.u32()?;
                }
                creation
            }
        };
        *self = at;
        ReferenceParts::new(node, creation, words).ok_or_else(|| Problem::Malformed("a reference").into())
    }

    /// Takes a port.
    pub(super) fn port(&mut self) -> Result<PortParts, DecodeError> {
        let mut at = self.clone();
        let tag = at.u8()?;
        if !matches!(tag, tag::V4_PORT | tag::NEW_PORT | tag::PORT) {
            return Err(expected("a port", tag));
        }
        let node = Atom::from(&*at.atom()?);
        let id = if tag == tag::V4_PORT { u64::from_be_bytes(at.array()?) } else { at.u32()?.into() };
        let creation = at.creation(tag != tag::PORT)?;
        *self = at;
        Ok(PortParts { node, id, creation })
    }

    /// Newer tags have four bytes where older ones have one.
    fn creation(&mut self, is_new: bool) -> Result<u32, DecodeError> {
        if is_new { self.u32() } else { Ok(self.u8()?.into()) }
    }
}

impl Serialize for PidParts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let parts = (self.node.as_str(), self.id, self.serial, self.creation);
        serializer.serialize_newtype_struct(super::PID, &parts)
    }
}

impl Serialize for ReferenceParts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let parts = (self.node.as_str(), self.creation, self.words());
        serializer.serialize_newtype_struct(super::REFERENCE, &parts)
    }
}

impl<'de> Deserialize<'de> for PidParts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(super::PID, Parts(PhantomData))
    }
}

impl<'de> Deserialize<'de> for ReferenceParts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(super::REFERENCE, Parts(PhantomData))
    }
}

/// Reads the tuple inside the newtype.
struct Parts<T>(PhantomData<T>);

/// What is made of the elements of a tuple.
trait FromParts: Sized {
    const WHAT: &'static str;
    const LEN: usize;

    fn from_parts<'de, A: SeqAccess<'de>>(parts: A) -> Result<Self, A::Error>;
}

impl FromParts for PidParts {
    const WHAT: &'static str = "a pid";
    const LEN: usize = 4;

    fn from_parts<'de, A: SeqAccess<'de>>(mut parts: A) -> Result<Self, A::Error> {
        let node = part::<Name, A>(&mut parts, 0)?.0;
        Ok(Self {
            node,
            id: part(&mut parts, 1)?,
            serial: part(&mut parts, 2)?,
            creation: part(&mut parts, 3)?,
        })
    }
}

impl FromParts for ReferenceParts {
    const WHAT: &'static str = "a reference";
    const LEN: usize = 3;

    fn from_parts<'de, A: SeqAccess<'de>>(mut parts: A) -> Result<Self, A::Error> {
        let node = part::<Name, A>(&mut parts, 0)?.0;
        let creation = part(&mut parts, 1)?;
        let words: Vec<u32> = part(&mut parts, 2)?;
        Self::new(node, creation, &words)
            .ok_or_else(|| de::Error::invalid_length(words.len(), &"at most 5 words"))
    }
}

fn part<'de, T: Deserialize<'de>, A: SeqAccess<'de>>(parts: &mut A, nth: usize) -> Result<T, A::Error> {
    parts.next_element()?.ok_or_else(|| de::Error::invalid_length(nth, &"all parts"))
}

impl<'de, T: FromParts> de::Visitor<'de> for Parts<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::WHAT)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_tuple(T::LEN, self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, parts: A) -> Result<T, A::Error> {
        T::from_parts(parts)
    }
}

/// The name of a node, which is a plain string inside the parts.
struct Name(Atom);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor)
    }
}

struct NameVisitor;

impl de::Visitor<'_> for NameVisitor {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a node")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Name, E> {
        Ok(Name(Atom::from(name)))
    }
}
