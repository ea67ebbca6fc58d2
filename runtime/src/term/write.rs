//! Terms written by hand: control messages, and what serde cannot say.

use super::{EncodeError, snake, tag};

/// A number in the native format.
pub(crate) fn count(value: u32, out: &mut Vec<u8>) {
    super::format::write_count(value, out);
}

/// The version byte that begins a message.
pub(crate) fn version(out: &mut Vec<u8>) {
    out.push(tag::VERSION);
}

/// Begins a tuple; its elements follow.
pub(crate) fn tuple(arity: u32, out: &mut Vec<u8>) {
    match u8::try_from(arity) {
        Ok(arity) => out.extend_from_slice(&[tag::SMALL_TUPLE, arity]),
        Err(_) => counted(tag::LARGE_TUPLE, arity, out),
    }
}

/// Begins a list that is not empty; its elements follow, and then its tail, mostly [`nil`].
pub(crate) fn list(len: u32, out: &mut Vec<u8>) {
    counted(tag::LIST, len, out);
}

/// The empty list.
pub(crate) fn nil(out: &mut Vec<u8>) {
    out.push(tag::NIL);
}

/// Begins a map; keys and values follow in turn.
pub(crate) fn map(len: u32, out: &mut Vec<u8>) {
    counted(tag::MAP, len, out);
}

fn counted(tag: u8, count: u32, out: &mut Vec<u8>) {
    out.push(tag);
    out.extend_from_slice(&count.to_be_bytes());
}

/// An atom.
pub(crate) fn atom(name: &str, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    match u8::try_from(name.len()) {
        Ok(len) => out.extend_from_slice(&[tag::SMALL_ATOM_UTF8, len]),
        Err(_) if name.chars().count() <= 255 => {
            let len = u16::try_from(name.len()).map_err(|_| EncodeError::AtomTooLong)?;
            out.push(tag::ATOM_UTF8);
            out.extend_from_slice(&len.to_be_bytes());
        }
        Err(_) => return Err(EncodeError::AtomTooLong),
    }
    out.extend_from_slice(name.as_bytes());
    Ok(())
}

/// The atom that `name` is in snake case.
pub(super) fn snake_atom(name: &str, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    let start = out.len();
    out.extend_from_slice(&[tag::SMALL_ATOM_UTF8, 0]);
    snake::push_snake(name, out);
    match u8::try_from(out.len() - start - 2) {
        Ok(len) => {
            out[start + 1] = len;
            Ok(())
        }
        Err(_) => {
            let long = String::from_utf8_lossy(&out[start + 2..]).into_owned();
            out.truncate(start);
            atom(&long, out)
        }
    }
}

/// An integer, in the smallest form there is for it.
pub(crate) fn integer(value: i64, out: &mut Vec<u8>) {
    if let Ok(byte) = u8::try_from(value) {
        out.extend_from_slice(&[tag::SMALL_INTEGER, byte]);
    } else if let Ok(word) = i32::try_from(value) {
        out.push(tag::INTEGER);
        out.extend_from_slice(&word.to_be_bytes());
    } else {
        big(value < 0, &value.unsigned_abs().to_le_bytes(), out);
    }
}

/// A big integer of at most 255 bytes, the lowest byte first.
pub(super) fn big(negative: bool, magnitude: &[u8], out: &mut Vec<u8>) {
    let len = magnitude.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let magnitude = &magnitude[..len];
    match u8::try_from(len) {
        Ok(len) => out.extend_from_slice(&[tag::SMALL_BIG, len]),
        Err(_) => counted(tag::LARGE_BIG, u32::try_from(len).unwrap_or(u32::MAX), out),
    }
    out.push(u8::from(negative));
    out.extend_from_slice(magnitude);
}

/// A float, which must be finite.
pub(super) fn float(value: f64, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    if !value.is_finite() {
        return Err(EncodeError::NotFinite);
    }
    out.push(tag::NEW_FLOAT);
    out.extend_from_slice(&value.to_be_bytes());
    Ok(())
}

/// A binary.
pub(crate) fn binary(bytes: &[u8], out: &mut Vec<u8>) -> Result<(), EncodeError> {
    let len = u32::try_from(bytes.len()).map_err(|_| EncodeError::TooLong)?;
    counted(tag::BINARY, len, out);
    out.extend_from_slice(bytes);
    Ok(())
}

/// A pid.
pub(crate) fn pid(
    node: &str,
    id: u32,
    serial: u32,
    creation: u32,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    out.push(tag::NEW_PID);
    atom(node, out)?;
    for number in [id, serial, creation] {
        out.extend_from_slice(&number.to_be_bytes());
    }
    Ok(())
}

/// A reference, whose words are written lowest first.
pub(crate) fn reference(
    node: &str,
    creation: u32,
    words: &[u32],
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let len = u16::try_from(words.len()).map_err(|_| EncodeError::TooLong)?;
    out.push(tag::NEWER_REFERENCE);
    out.extend_from_slice(&len.to_be_bytes());
    atom(node, out)?;
    for number in std::iter::once(&creation).chain(words) {
        out.extend_from_slice(&number.to_be_bytes());
    }
    Ok(())
}
