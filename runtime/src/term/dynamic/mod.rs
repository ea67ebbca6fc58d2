//! Any term, for what has no type here.

mod display;
mod read;
mod serde;
mod write;

use super::{Atom, PidParts, PortParts, ReferenceParts};

pub(super) use self::display::write_atom;

/// Any Erlang term.
///
/// It prints as Erlang prints it with `~0p`, and crosses nodes as what it is.
/// Message types of your own are shorter, and say what they expect: this is for what a program only passes on, or
/// takes apart by hand.
///
/// Differs: pids, references, and ports are printed with the name of their node; Erlang numbers the nodes it knows.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub enum Term {
    /// An integer of 64 bits.
    Integer(i64),
    /// An integer that 64 bits do not hold.
    BigInteger(BigInteger),
    /// A float, which is finite.
    Float(f64),
    /// An atom.
    Atom(Atom),
    /// A binary.
    Binary(Vec<u8>),
    /// A bit string whose last byte is not whole.
    BitString {
        /// The bytes, the last of which counts from its highest bit.
        bytes: Vec<u8>,
        /// How many bits of the last byte count: 1 to 7.
        bits: u8,
    },
    /// A list. A list of bytes is one too, although Erlang prints it as text.
    List(Vec<Term>),
    /// A list whose tail is not a list: `[1 | 2]`.
    ImproperList(Vec<Term>, Box<Term>),
    /// A tuple.
    Tuple(Vec<Term>),
    /// A map.
    Map(Map),
    /// A pid, of whichever node.
    Pid(Box<PidParts>),
    /// A reference, of whichever node.
    Reference(Box<ReferenceParts>),
    /// A port, of whichever node.
    Port(Box<PortParts>),
    /// A fun, which only its own node can call.
    Fun(Fun),
}

/// An integer that 64 bits do not hold.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct BigInteger {
    negative: bool,
    /// The lowest byte first, the highest is not zero.
    magnitude: Box<[u8]>,
}

impl BigInteger {
    /// Whether it is less than zero.
    pub fn is_negative(&self) -> bool {
        self.negative
    }

    /// Its bytes without the sign, the lowest first; the last one is not zero.
    pub fn magnitude(&self) -> &[u8] {
        &self.magnitude
    }
}

/// A map, in the order in which it came.
#[derive(Clone, Default, Debug)]
pub struct Map(Vec<(Term, Term)>);

impl Map {
    /// The value of a key.
    pub fn get(&self, key: &Term) -> Option<&Term> {
        self.0.iter().find(|(other, _)| other == key).map(|(_, value)| value)
    }

    /// Its pairs.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &(Term, Term)> {
        self.0.iter()
    }

    /// How many pairs it has.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Of pairs with the same key the first counts.
impl FromIterator<(Term, Term)> for Map {
    fn from_iter<I: IntoIterator<Item = (Term, Term)>>(pairs: I) -> Self {
        let mut map = Self::default();
        for (key, value) in pairs {
            if map.get(&key).is_none() {
                map.0.push((key, value));
            }
        }
        map
    }
}

/// The order of the pairs does not matter.
impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.0.iter().all(|(key, value)| other.get(key) == Some(value))
    }
}

/// A fun, as it came: it can be passed on to nodes that know its module, and nothing else.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Fun(Box<[u8]>);

impl Term {
    /// An atom that is written in the program.
    pub const fn atom(name: &'static str) -> Self {
        Self::Atom(Atom::new(name))
    }

    /// An integer that may be larger than those that are of 64 bits with a sign.
    pub(crate) fn unsigned(integer: u64) -> Self {
        match i64::try_from(integer) {
            Ok(integer) => Self::Integer(integer),
            // It has all its eight bytes, or 63 bits would hold it.
            Err(_) => {
                Self::BigInteger(BigInteger { negative: false, magnitude: Box::new(integer.to_le_bytes()) })
            }
        }
    }

    /// Text as Elixir has it: a binary.
    pub fn text(text: &str) -> Self {
        Self::Binary(text.as_bytes().to_vec())
    }

    /// Text as Erlang has it: a list of characters.
    pub fn characters(text: &str) -> Self {
        Self::List(text.chars().map(|char| Self::Integer(u32::from(char).into())).collect())
    }

    /// A tuple.
    pub fn tuple(elements: impl Into<Vec<Term>>) -> Self {
        Self::Tuple(elements.into())
    }

    /// The atom it is, if it is one.
    pub fn as_atom(&self) -> Option<&str> {
        if let Self::Atom(atom) = self { Some(atom.as_str()) } else { None }
    }

    /// The elements of the tuple it is, if it is one.
    pub fn as_tuple(&self) -> Option<&[Term]> {
        if let Self::Tuple(elements) = self { Some(elements) } else { None }
    }

    /// The elements of the list it is, if it is one.
    pub fn as_list(&self) -> Option<&[Term]> {
        if let Self::List(elements) = self { Some(elements) } else { None }
    }

    /// The integer it is, if it is one of 64 bits.
    pub fn as_integer(&self) -> Option<i64> {
        if let Self::Integer(integer) = self { Some(*integer) } else { None }
    }
}

impl From<i64> for Term {
    fn from(integer: i64) -> Self {
        Self::Integer(integer)
    }
}

impl From<Atom> for Term {
    fn from(atom: Atom) -> Self {
        Self::Atom(atom)
    }
}

impl From<Vec<Term>> for Term {
    fn from(elements: Vec<Term>) -> Self {
        Self::List(elements)
    }
}

impl From<PidParts> for Term {
    fn from(pid: PidParts) -> Self {
        Self::Pid(Box::new(pid))
    }
}

impl From<ReferenceParts> for Term {
    fn from(reference: ReferenceParts) -> Self {
        Self::Reference(Box::new(reference))
    }
}
