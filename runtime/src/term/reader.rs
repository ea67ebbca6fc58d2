//! A cursor over bytes that somebody else wrote.

use std::borrow::Cow;

use serde::de::Deserialize;

use super::error::Problem;
use super::{DecodeError, Format, MAX_DEPTH, tag};

/// A bounded cursor over terms: takes headers and small terms by hand, whole values through serde, and skips the rest.
///
/// Source: the rules are those of `binary_to_term(_, [safe])`, and stricter: see the module.
#[derive(Clone)]
pub(crate) struct Reader<'de> {
    rest: &'de [u8],
    levels: Levels,
    /// What values are read from; what is taken by hand is a term.
    format: Format,
}

/// How deep it is in what it reads.
#[derive(Clone, Copy)]
pub(super) struct Levels {
    /// In lists, tuples, and maps.
    depth: u16,
    /// In options.
    options: u16,
}

/// How many options may be around a value: two in each list, tuple, or map that may be.
const MAX_OPTIONS: u16 = 2 * MAX_DEPTH;

/// An integer of any size.
pub(super) enum Integer<'de> {
    Small(i64),
    /// Sign, and bytes of which the lowest comes first.
    Big {
        negative: bool,
        magnitude: &'de [u8],
    },
}

impl<'de> Reader<'de> {
    /// Begins at the first byte of a term.
    pub(crate) fn new(input: &'de [u8]) -> Self {
        Self::of(Format::Terms, input)
    }

    /// Begins at the first byte of a value.
    pub(crate) fn of(format: Format, input: &'de [u8]) -> Self {
        Self { rest: input, levels: Levels { depth: 0, options: 0 }, format }
    }

    pub(super) fn is_native(&self) -> bool {
        self.format == Format::Native
    }

    /// What was not read yet.
    pub(crate) fn rest(&self) -> &'de [u8] {
        self.rest
    }

    /// Goes on where `rest`, a part of what is left, begins.
    pub(super) fn go_on_at(&mut self, rest: &'de [u8]) {
        self.rest = rest;
    }

    /// That nothing is left.
    pub(crate) fn end(&self) -> Result<(), DecodeError> {
        if self.rest.is_empty() { Ok(()) } else { Err(Problem::Trailing(self.rest.len()).into()) }
    }

    /// Takes the version byte that begins a message.
    pub(crate) fn version(&mut self) -> Result<(), DecodeError> {
        if self.u8()? == tag::VERSION { Ok(()) } else { Err(Problem::Version.into()) }
    }

    /// The next term as a value.
    pub(crate) fn value<T: Deserialize<'de>>(&mut self) -> Result<T, DecodeError> {
        let mut at = self.clone();
        let value = T::deserialize(&mut at)?;
        *self = at;
        Ok(value)
    }

    /// The tag of the next term, which is not taken.
    pub(crate) fn peek(&self) -> Result<u8, DecodeError> {
        self.rest.first().copied().ok_or_else(|| Problem::End.into())
    }

    /// Whether the next term is an atom.
    pub(crate) fn is_atom(&self) -> bool {
        matches!(
            self.rest.first(),
            Some(&(tag::SMALL_ATOM_UTF8 | tag::ATOM_UTF8 | tag::ATOM | tag::SMALL_ATOM))
        )
    }

    /// Whether the next term is a tuple.
    pub(crate) fn is_tuple(&self) -> bool {
        matches!(self.rest.first(), Some(&(tag::SMALL_TUPLE | tag::LARGE_TUPLE)))
    }

    /// Takes the head of a tuple: how many terms follow that belong to it.
    pub(crate) fn tuple(&mut self) -> Result<u32, DecodeError> {
        let mut at = self.clone();
        let arity = match at.u8()? {
            tag::SMALL_TUPLE => at.u8()?.into(),
            tag::LARGE_TUPLE => at.u32()?,
            found => return Err(expected("a tuple", found)),
        };
        at.plausible(arity.into())?;
        *self = at;
        Ok(arity)
    }

    /// Takes the head of a tuple that must have `arity` elements.
    pub(crate) fn tuple_of(&mut self, arity: u32) -> Result<(), DecodeError> {
        match self.tuple()? {
            found if found == arity => Ok(()),
            found => Err(Problem::Arity { expected: arity as usize, found }.into()),
        }
    }

    /// Takes the head of a list: how many terms follow, and after them its tail, which is no element.
    ///
    /// None of an empty list, which has no tail either. A list that was written as a string of bytes is not taken here.
    pub(crate) fn list(&mut self) -> Result<Option<u32>, DecodeError> {
        let mut at = self.clone();
        let len = match at.u8()? {
            tag::NIL => None,
            tag::LIST => {
                let len = at.u32()?;
                at.plausible(u64::from(len) + 1)?;
                Some(len)
            }
            found => return Err(expected("a list", found)),
        };
        *self = at;
        Ok(len)
    }

    /// Takes the tail of a proper list.
    pub(crate) fn list_end(&mut self) -> Result<(), DecodeError> {
        match self.u8()? {
            tag::NIL => Ok(()),
            _ => Err(Problem::Expected { expected: "a proper list", found: "an improper one" }.into()),
        }
    }

    /// Takes the head of a map: how many pairs follow.
    pub(crate) fn map(&mut self) -> Result<u32, DecodeError> {
        let mut at = self.clone();
        let len = match at.u8()? {
            tag::MAP => at.u32()?,
            found => return Err(expected("a map", found)),
        };
        at.plausible(u64::from(len) * 2)?;
        *self = at;
        Ok(len)
    }

    /// Takes an atom.
    pub(crate) fn atom(&mut self) -> Result<Cow<'de, str>, DecodeError> {
        let mut at = self.clone();
        let tag = at.u8()?;
        let len = match tag {
            tag::SMALL_ATOM_UTF8 | tag::SMALL_ATOM => at.u8()?.into(),
            tag::ATOM_UTF8 | tag::ATOM => at.u16()?.into(),
            found => return Err(expected("an atom", found)),
        };
        let bytes = at.take(len)?;
        let name = match tag {
            tag::SMALL_ATOM_UTF8 | tag::ATOM_UTF8 => Cow::Borrowed(utf8(bytes)?),
            _ if bytes.is_ascii() => Cow::Borrowed(utf8(bytes)?),
            _ => Cow::Owned(bytes.iter().copied().map(char::from).collect()),
        };
        if len > 255 && name.chars().count() > 255 {
            return Err(Problem::AtomTooLong.into());
        }
        *self = at;
        Ok(name)
    }

    /// Takes the atom `name`; false if the next term is something else, which is then not taken.
    pub(crate) fn is(&mut self, name: &str) -> bool {
        let mut at = self.clone();
        let it_is = at.atom().is_ok_and(|atom| atom == name);
        if it_is {
            *self = at;
        }
        it_is
    }

    /// Takes an integer that fits.
    pub(crate) fn small_integer(&mut self) -> Result<i64, DecodeError> {
        let mut at = self.clone();
        let value = match at.integer()? {
            Integer::Small(value) => Some(value),
            Integer::Big { negative, magnitude } => small(negative, magnitude),
        };
        *self = at;
        value.ok_or_else(|| Problem::Expected { expected: "a small integer", found: "a big one" }.into())
    }

    /// Takes an integer.
    pub(super) fn integer(&mut self) -> Result<Integer<'de>, DecodeError> {
        let mut at = self.clone();
        let integer = match at.u8()? {
            tag::SMALL_INTEGER => Integer::Small(at.u8()?.into()),
            tag::INTEGER => Integer::Small(at.u32()?.cast_signed().into()),
            tag @ (tag::SMALL_BIG | tag::LARGE_BIG) => {
                let len = if tag == tag::SMALL_BIG { at.u8()?.into() } else { at.len()? };
                let negative = at.u8()? != 0;
                Integer::Big { negative, magnitude: at.take(len)? }
            }
            found => return Err(expected("an integer", found)),
        };
        *self = at;
        Ok(integer)
    }

    /// Takes a float.
    pub(super) fn float(&mut self) -> Result<f64, DecodeError> {
        let mut at = self.clone();
        let float = match at.u8()? {
            tag::NEW_FLOAT => f64::from_be_bytes(at.array()?),
            // Decimal digits, filled up with zeros.
            tag::FLOAT => {
                let text: [u8; 31] = at.array()?;
                let len = text.iter().position(|byte| *byte == 0).unwrap_or(text.len());
                utf8(&text[..len])?.trim().parse().map_err(|_| Problem::Float)?
            }
            found => return Err(expected("a float", found)),
        };
        if !float.is_finite() {
            return Err(Problem::Float.into());
        }
        *self = at;
        Ok(float)
    }

    /// Takes a binary.
    pub(crate) fn binary(&mut self) -> Result<&'de [u8], DecodeError> {
        self.bytes_of(tag::BINARY, "a binary", Self::len)
    }

    /// Takes a list that was written as a string of bytes.
    pub(super) fn string(&mut self) -> Result<&'de [u8], DecodeError> {
        self.bytes_of(tag::STRING, "a string", |at| at.u16().map(usize::from))
    }

    fn bytes_of(
        &mut self,
        tag: u8,
        what: &'static str,
        len: impl FnOnce(&mut Self) -> Result<usize, DecodeError>,
    ) -> Result<&'de [u8], DecodeError> {
        let mut at = self.clone();
        match at.u8()? {
            found if found == tag => {}
            found => return Err(expected(what, found)),
        }
        let len = len(&mut at)?;
        let bytes = at.take(len)?;
        *self = at;
        Ok(bytes)
    }

    /// Takes a bit string: its bytes, and how many bits of the last one count.
    pub(super) fn bits(&mut self) -> Result<(&'de [u8], u8), DecodeError> {
        let mut at = self.clone();
        if at.u8()? != tag::BIT_BINARY {
            return Err(expected("a bit string", self.peek()?));
        }
        let len = at.len()?;
        let bits = at.u8()?;
        let bytes = at.take(len)?;
        let are_some = if bytes.is_empty() { bits == 0 } else { (1..=8).contains(&bits) };
        if !are_some {
            return Err(Problem::Malformed("a bit string").into());
        }
        *self = at;
        Ok((bytes, bits))
    }

    /// Goes one level down, if there is one.
    pub(super) fn enter(&mut self) -> Result<(), DecodeError> {
        if self.levels.depth == MAX_DEPTH {
            return Err(Problem::Depth.into());
        }
        self.levels.depth += 1;
        Ok(())
    }

    /// Comes back up.
    pub(super) fn leave(&mut self) {
        self.levels.depth -= 1;
    }

    /// Reads what is optional, which takes no byte of a term: a type that is an option of itself has no end.
    pub(super) fn enter_option(&mut self) -> Result<(), DecodeError> {
        if self.levels.options == MAX_OPTIONS {
            return Err(Problem::Depth.into());
        }
        self.levels.options += 1;
        Ok(())
    }

    pub(super) fn levels(&self) -> Levels {
        self.levels
    }

    /// Comes back up to where it was.
    pub(super) fn leave_to(&mut self, levels: Levels) {
        self.levels = levels;
    }

    /// That `terms` can be in what is left: each takes a byte at least.
    pub(super) fn plausible(&self, terms: u64) -> Result<(), DecodeError> {
        if terms <= self.rest.len() as u64 { Ok(()) } else { Err(Problem::Count.into()) }
    }

    pub(super) fn take(&mut self, len: usize) -> Result<&'de [u8], DecodeError> {
        let (taken, rest) = self.rest.split_at_checked(len).ok_or(Problem::End)?;
        self.rest = rest;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(Problem::End)?;
        self.rest = rest;
        Ok(*taken)
    }

    // Into the code of lists of bytes.
    #[inline]
    pub(super) fn u8(&mut self) -> Result<u8, DecodeError> {
        self.array().map(u8::from_be_bytes)
    }

    pub(super) fn u16(&mut self) -> Result<u16, DecodeError> {
        self.array().map(u16::from_be_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, DecodeError> {
        self.array().map(u32::from_be_bytes)
    }

    fn len(&mut self) -> Result<usize, DecodeError> {
        self.u32().map(|len| len as usize)
    }
}

/// That something else was found.
#[cold]
pub(super) fn expected(expected: &'static str, found: u8) -> DecodeError {
    match tag::describe(found) {
        "an unknown tag" | "a compressed term" => Problem::Tag(found).into(),
        found => Problem::Expected { expected, found }.into(),
    }
}

pub(super) fn utf8(bytes: &[u8]) -> Result<&str, DecodeError> {
    std::str::from_utf8(bytes).map_err(|_| Problem::Utf8.into())
}

/// The value of a magnitude, if 64 bits with a sign hold it.
fn small(negative: bool, magnitude: &[u8]) -> Option<i64> {
    let value = unsigned(magnitude)?;
    let value = i128::try_from(value).ok()?;
    i64::try_from(if negative { -value } else { value }).ok()
}

/// The value of a magnitude, if 128 bits hold it.
pub(super) fn unsigned(magnitude: &[u8]) -> Option<u128> {
    let len = magnitude.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let mut bytes = [0; 16];
    bytes.get_mut(..len)?.copy_from_slice(&magnitude[..len]);
    Some(u128::from_le_bytes(bytes))
}
