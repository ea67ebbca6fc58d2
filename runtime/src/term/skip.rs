//! Going past a term without understanding it.

use super::error::Problem;
use super::reader::expected;
use super::{DecodeError, Reader, tag};

/// Size, arity, unique id, index, and number of free variables: what a fun has before the terms in it.
const FUN_HEAD: usize = 4 + 1 + 16 + 4 + 4;

impl<'de> Reader<'de> {
    /// Takes the next term, whatever it is: its bytes.
    ///
    /// It counts what is still to come instead of calling itself, so no nesting is too deep for it.
    pub(crate) fn skip(&mut self) -> Result<&'de [u8], DecodeError> {
        let mut at = self.clone();
        let mut pending: u64 = 1;
        while pending > 0 {
            pending -= 1;
            pending += at.skip_head()?;
            at.plausible(pending)?;
        }
        let all = self.rest();
        let term = self.take(all.len() - at.rest().len())?;
        Ok(term)
    }

    /// Takes the next term, and gives `f` every atom in it but those in pids, references, and ports: names of nodes.
    pub(crate) fn each_atom(&mut self, mut f: impl FnMut(&str)) -> Result<(), DecodeError> {
        let mut pending: u64 = 1;
        while pending > 0 {
            pending -= 1;
            if self.is_atom() {
                f(&self.atom()?);
            } else {
                pending += self.skip_head()?;
                self.plausible(pending)?;
            }
        }
        Ok(())
    }

    /// Takes the head of a term: how many terms follow that belong to it.
    fn skip_head(&mut self) -> Result<u64, DecodeError> {
        Ok(match self.peek()? {
            tag::SMALL_TUPLE | tag::LARGE_TUPLE => self.tuple()?.into(),
            tag::LIST | tag::NIL => self.list()?.map_or(0, |len| u64::from(len) + 1),
            tag::MAP => u64::from(self.map()?) * 2,
            tag::NEW_FUN => self.fun_head()?,
            tag::EXPORT => {
                self.u8()?;
                3
            }
            _ => {
                self.skip_flat()?;
                0
            }
        })
    }

    /// Takes a term in which there are no others.
    fn skip_flat(&mut self) -> Result<(), DecodeError> {
        match self.peek()? {
            tag::SMALL_INTEGER | tag::INTEGER | tag::SMALL_BIG | tag::LARGE_BIG => _ = self.integer()?,
            tag::NEW_FLOAT | tag::FLOAT => _ = self.float()?,
            tag::ATOM | tag::SMALL_ATOM | tag::ATOM_UTF8 | tag::SMALL_ATOM_UTF8 => _ = self.atom()?,
            tag::BINARY => _ = self.binary()?,
            tag::BIT_BINARY => _ = self.bits()?,
            tag::STRING => _ = self.string()?,
            tag::PID | tag::NEW_PID => _ = self.pid()?,
            tag::REFERENCE | tag::NEW_REFERENCE | tag::NEWER_REFERENCE => _ = self.reference()?,
            tag::PORT | tag::NEW_PORT | tag::V4_PORT => _ = self.port()?,
            found => return Err(Problem::Tag(found).into()),
        }
        Ok(())
    }

    /// Takes what a fun begins with: module, index, unique number, and creator follow, and then its free variables.
    fn fun_head(&mut self) -> Result<u64, DecodeError> {
        self.u8()?;
        let head = self.take(FUN_HEAD)?;
        let number = |at: usize| head[at..].first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes));
        // Its size counts from itself on.
        let rest = u64::from(number(0)).checked_sub(FUN_HEAD as u64).ok_or(Problem::Malformed("a fun"))?;
        self.plausible(rest)?;
        Ok(u64::from(number(FUN_HEAD - 4)) + 4)
    }

    /// Takes a fun, which stays as it is: nothing here can call it.
    pub(super) fn fun(&mut self) -> Result<&'de [u8], DecodeError> {
        match self.peek()? {
            tag::NEW_FUN => {
                let fun = self.skip()?;
                let size = fun[1..].first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes));
                if size as usize + 1 == fun.len() { Ok(fun) } else { Err(Problem::Malformed("a fun").into()) }
            }
            tag::EXPORT => {
                let fun = self.skip()?;
                let mut parts = Reader::new(&fun[1..]);
                parts.atom()?;
                parts.atom()?;
                parts.small_integer()?;
                Ok(fun)
            }
            found => Err(expected("a fun", found)),
        }
    }
}
