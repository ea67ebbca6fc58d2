//! To bytes.

use super::{Map, Term};
use crate::term::{EncodeError, MAX_DEPTH, tag, write};

impl Term {
    /// Appends the term, without a version byte.
    pub(crate) fn write(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let start = out.len();
        self.write_at(0, out).inspect_err(|_| out.truncate(start))
    }

    fn write_at(&self, depth: u16, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        match self {
            Self::Integer(value) => write::integer(*value, out),
            Self::BigInteger(big) => write::big(big.negative, &big.magnitude, out),
            Self::Float(value) => write::float(*value, out)?,
            Self::Atom(atom) => write::atom(atom.as_str(), out)?,
            Self::Binary(bytes) => write::binary(bytes, out)?,
            Self::BitString { bytes, bits } => write_bits(bytes, *bits, out)?,
            Self::List(elements) if elements.is_empty() => write::nil(out),
            Self::List(elements) => {
                write::list(len(elements)?, out);
                write_all(elements, depth, out)?;
                write::nil(out);
            }
            Self::ImproperList(elements, tail) => {
                write::list(len(elements)?, out);
                write_all(elements, depth, out)?;
                tail.write_at(depth + 1, out)?;
            }
            Self::Tuple(elements) => {
                write::tuple(len(elements)?, out);
                write_all(elements, depth, out)?;
            }
            Self::Map(map) => write_map(map, depth, out)?,
            Self::Pid(pid) => write::pid(pid.node.as_str(), pid.id, pid.serial, pid.creation, out)?,
            Self::Reference(reference) => {
                write::reference(reference.node.as_str(), reference.creation, reference.words(), out)?;
            }
            Self::Port(port) => {
                out.push(tag::V4_PORT);
                write::atom(port.node.as_str(), out)?;
                out.extend_from_slice(&port.id.to_be_bytes());
                out.extend_from_slice(&port.creation.to_be_bytes());
            }
            Self::Fun(fun) => out.extend_from_slice(&fun.0),
        }
        Ok(())
    }
}

fn len<T>(elements: &[T]) -> Result<u32, EncodeError> {
    u32::try_from(elements.len()).map_err(|_| EncodeError::TooLong)
}

/// The level below `depth`, if there is one.
fn below(depth: u16) -> Result<u16, EncodeError> {
    if depth == MAX_DEPTH { Err(EncodeError::TooDeep) } else { Ok(depth + 1) }
}

fn write_all(elements: &[Term], depth: u16, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    let depth = below(depth)?;
    elements.iter().try_for_each(|element| element.write_at(depth, out))
}

fn write_map(map: &Map, depth: u16, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    write::map(len(&map.0)?, out);
    let depth = below(depth)?;
    map.0.iter().try_for_each(|(key, value)| {
        key.write_at(depth, out)?;
        value.write_at(depth, out)
    })
}

fn write_bits(bytes: &[u8], bits: u8, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    if bytes.is_empty() || !(1..8).contains(&bits) {
        return Err(EncodeError::Malformed("a bit string"));
    }
    out.push(tag::BIT_BINARY);
    out.extend_from_slice(&len(bytes)?.to_be_bytes());
    out.push(bits);
    out.extend_from_slice(bytes);
    Ok(())
}
