//! The two formats, and the numbers of the native one.
//!
//! The native format is what nodes write that know that their types are alike: no names, no tags. One serializer and one
//! deserializer write and read both, so that the code that serde makes of each type is compiled once.
//!
//! | serde | native |
//! |---|---|
//! | integers | the number in zigzag, seven bits in each byte, the lowest first; `u8` and `i8`: their byte |
//! | `bool`; floats; `char` | one byte; their bits, the lowest first; its number without a sign |
//! | text, bytes | how many bytes, and these |
//! | options | 0; 1 and the value |
//! | lists, maps | how many elements or pairs, and these |
//! | tuples, structs | their fields in order |
//! | enums | which variant, and what it holds |
//! | what is empty: `()`, `[T; 0]` | one byte, so that no count can promise more than there are bytes |
//! | `$atom`, `$pid`, `$reference`, `$raw` | a term |
//!
//! Structs that leave fields out, lists and maps that do not say how long they are, and what is read as whatever comes
//! have no native form.

use super::error::Problem;
use super::{DecodeError, EncodeError, Reader};

/// How values are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Format {
    /// A term, which says itself what it is.
    Terms,
    /// Compact; only who has the same types can read it.
    Native,
}

/// A number without a sign: a count, a length, a variant, a character.
pub(super) fn write_count(mut value: u32, out: &mut Vec<u8>) {
    while value > 0x7f {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// A count, or how long something is.
pub(super) fn write_len(len: usize, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    write_count(u32::try_from(len).map_err(|_| EncodeError::TooLong)?, out);
    Ok(())
}

/// An integer.
pub(super) fn write_integer(value: i64, out: &mut Vec<u8>) {
    let mut zigzag = (value << 1 ^ value >> 63).cast_unsigned();
    while zigzag > 0x7f {
        out.push(zigzag as u8 | 0x80);
        zigzag >>= 7;
    }
    out.push(zigzag as u8);
}

/// An integer that 64 bits may not hold: `rest` is what is written of it, of a negative one the complement.
pub(super) fn write_big(negative: bool, rest: u128, out: &mut Vec<u8>) {
    // Zigzag, of one bit more than there is a type for.
    let (first, mut rest) = ((rest as u8 & 0x3f) << 1 | u8::from(negative), rest >> 6);
    let more = |rest: u128| if rest > 0 { 0x80 } else { 0 };
    out.push(first | more(rest));
    while rest > 0 {
        out.push(rest as u8 & 0x7f | more(rest >> 7));
        rest >>= 7;
    }
}

impl<'de> Reader<'de> {
    /// Takes a number without a sign.
    pub(crate) fn count(&mut self) -> Result<u32, DecodeError> {
        let mut value = 0;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.u8()?;
            let bits = u32::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                break;
            }
            value |= bits << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Problem::Malformed("a count").into())
    }

    /// Takes an integer in the native format; a big one is not taken.
    pub(super) fn native_integer(&mut self) -> Result<Option<i64>, DecodeError> {
        let (mut zigzag, mut rest) = (0_u64, self.rest());
        for shift in [0, 7, 14, 21, 28, 35, 42, 49, 56] {
            let (byte, after) = rest.split_first().ok_or(Problem::End)?;
            rest = after;
            zigzag |= u64::from(byte & 0x7f) << shift;
            if *byte < 0x80 {
                self.go_on_at(rest);
                return Ok(Some((zigzag >> 1).cast_signed() ^ -(zigzag & 1).cast_signed()));
            }
        }
        Ok(None)
    }

    /// Takes a big integer in the native format: whether it is negative, and its magnitude, if 128 bits hold it.
    pub(super) fn native_big(&mut self) -> Result<(bool, Option<u128>), DecodeError> {
        let mut byte = self.u8()?;
        let negative = byte & 1 == 1;
        let (mut rest, mut shift) = (u128::from(byte & 0x7f) >> 1, 6);
        while byte > 0x7f {
            byte = self.u8()?;
            let bits = u128::from(byte & 0x7f);
            if shift > 127 || bits << shift >> shift != bits {
                return Err(Problem::Malformed("an integer").into());
            }
            rest |= bits << shift;
            shift += 7;
        }
        Ok((negative, if negative { rest.checked_add(1) } else { Some(rest) }))
    }

    /// Takes the head of a list or map whose parts take `least` bytes each.
    pub(super) fn native_head(&mut self, least: u64) -> Result<u32, DecodeError> {
        let count = self.count()?;
        self.plausible(u64::from(count) * least)?;
        Ok(count)
    }

    /// Takes text or bytes.
    pub(super) fn native_bytes(&mut self) -> Result<&'de [u8], DecodeError> {
        let len = self.count()?;
        self.take(len as usize)
    }

    /// Takes what stands for nothing.
    pub(super) fn native_nothing(&mut self) -> Result<(), DecodeError> {
        if self.u8()? == 0 { Ok(()) } else { Err(Problem::Malformed("nothing").into()) }
    }

    /// Takes a byte that says yes or no.
    pub(super) fn native_bool(&mut self) -> Result<bool, DecodeError> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Problem::Malformed("true or false").into()),
        }
    }

    /// Takes a character.
    pub(super) fn native_char(&mut self) -> Result<char, DecodeError> {
        char::from_u32(self.count()?).ok_or_else(|| Problem::Malformed("a character").into())
    }
}
