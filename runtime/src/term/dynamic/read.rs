//! From bytes.

use super::{BigInteger, Fun, Map, Term};
use crate::term::reader::{Integer, unsigned};
use crate::term::{Atom, DecodeError, MAX_RESERVED, Reader, tag};

impl Reader<'_> {
    /// The next term, whatever it is.
    pub(crate) fn term(&mut self) -> Result<Term, DecodeError> {
        Ok(match self.peek()? {
            tag::SMALL_INTEGER | tag::INTEGER | tag::SMALL_BIG | tag::LARGE_BIG => self.integer()?.into(),
            tag::NEW_FLOAT | tag::FLOAT => Term::Float(self.float()?),
            tag::BINARY => Term::Binary(self.binary()?.to_vec()),
            tag::BIT_BINARY => match self.bits()? {
                (bytes, 0 | 8) => Term::Binary(bytes.to_vec()),
                (bytes, bits) => Term::BitString { bytes: bytes.to_vec(), bits },
            },
            tag::STRING => Term::List(self.string()?.iter().map(|byte| i64::from(*byte).into()).collect()),
            tag::SMALL_TUPLE | tag::LARGE_TUPLE => {
                let arity = self.tuple()?;
                Term::Tuple(self.inside(arity, Self::term)?)
            }
            tag::NIL | tag::LIST => match self.list()? {
                None => Term::List(Vec::new()),
                Some(len) => self.list_of(len)?,
            },
            tag::MAP => {
                let len = self.map()?;
                let pairs = self.inside(len, |reader| Ok((reader.term()?, reader.term()?)))?;
                Term::Map(Map(pairs))
            }
            tag::PID | tag::NEW_PID => self.pid()?.into(),
            tag::REFERENCE | tag::NEW_REFERENCE | tag::NEWER_REFERENCE => self.reference()?.into(),
            tag::PORT | tag::NEW_PORT | tag::V4_PORT => Term::Port(Box::new(self.port()?)),
            tag::NEW_FUN | tag::EXPORT => Term::Fun(Fun(self.fun()?.into())),
            _ => Term::Atom(Atom::from(&*self.atom()?)),
        })
    }

    fn list_of(&mut self, len: u32) -> Result<Term, DecodeError> {
        let elements = self.inside(len, Self::term)?;
        if self.peek()? == tag::NIL {
            return self.list_end().map(|()| Term::List(elements));
        }
        // A tail that is a list continues it: whoever writes `[1 | [2 | ...]]` so goes a level down each time.
        self.enter()?;
        let tail = self.term()?;
        self.leave();
        if let Term::List(more) = tail {
            return Ok(Term::List(elements.into_iter().chain(more).collect()));
        }
        if let Term::ImproperList(more, tail) = tail {
            return Ok(Term::ImproperList(elements.into_iter().chain(more).collect(), tail));
        }
        Ok(Term::ImproperList(elements, Box::new(tail)))
    }

    fn inside<T>(
        &mut self,
        count: u32,
        mut element: impl FnMut(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        self.enter()?;
        let mut elements = Vec::with_capacity((count as usize).min(MAX_RESERVED));
        for _ in 0..count {
            elements.push(element(self)?);
        }
        self.leave();
        Ok(elements)
    }
}

impl From<Integer<'_>> for Term {
    fn from(integer: Integer<'_>) -> Self {
        let (negative, magnitude) = match integer {
            Integer::Small(value) => return Term::Integer(value),
            Integer::Big { negative, magnitude } => (negative, magnitude),
        };
        let small = unsigned(magnitude).and_then(|value| i128::try_from(value).ok());
        match small.and_then(|value| i64::try_from(if negative { -value } else { value }).ok()) {
            Some(value) => Term::Integer(value),
            None => {
                let len = magnitude.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
                Term::BigInteger(BigInteger { negative, magnitude: magnitude[..len].into() })
            }
        }
    }
}
