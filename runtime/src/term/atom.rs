//! Atoms: names, not text.

use std::borrow::Borrow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::de::{self, Deserialize, Deserializer};
use serde::{Serialize, Serializer};

/// The most bytes of an atom that are kept without an allocation.
const INLINE: usize = 22;

/// An Erlang atom: `ok`, `undefined`, `'Elixir.MyApp'`.
///
/// There is no table of atoms here, so those that come from other nodes take no memory once they are dropped.
/// A BEAM node keeps every atom it ever met: do not make atoms of what users type.
///
/// Differs: atoms are kept where they are used, not in a table that only grows.
#[derive(Clone)]
pub struct Atom(Text);

#[derive(Clone)]
enum Text {
    Static(&'static str),
    Inline { len: u8, bytes: [u8; INLINE] },
    Shared(Arc<str>),
}

impl Atom {
    /// An atom that is written in the program.
    pub const fn new(name: &'static str) -> Self {
        Self(Text::Static(name))
    }

    /// The atom's name, without quotes.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Text::Static(name) => name,
            // What was copied in was a `str`.
            Text::Inline { len, bytes } => {
                bytes.get(..usize::from(*len)).and_then(|text| std::str::from_utf8(text).ok()).unwrap_or("")
            }
            Text::Shared(name) => name,
        }
    }
}

impl From<&str> for Atom {
    fn from(name: &str) -> Self {
        let mut bytes = [0; INLINE];
        match (bytes.get_mut(..name.len()), u8::try_from(name.len())) {
            (Some(place), Ok(len)) => {
                place.copy_from_slice(name.as_bytes());
                Self(Text::Inline { len, bytes })
            }
            _ => Self(Text::Shared(name.into())),
        }
    }
}

impl AsRef<str> for Atom {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl Borrow<str> for Atom {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq for Atom {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Atom {}

impl PartialEq<str> for Atom {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Atom {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialOrd for Atom {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Atom {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for Atom {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

/// As Erlang writes it: in quotes where it must be.
impl fmt::Display for Atom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        super::dynamic::write_atom(self.as_str(), f)
    }
}

impl fmt::Debug for Atom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Atom {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(super::ATOM, self.as_str())
    }
}

impl<'de> Deserialize<'de> for Atom {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(super::ATOM, Name)
    }
}

struct Name;

impl<'de> de::Visitor<'de> for Name {
    type Value = Atom;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an atom")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Atom, D::Error> {
        deserializer.deserialize_str(self)
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Atom, E> {
        Ok(Atom::from(name))
    }
}
