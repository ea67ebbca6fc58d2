//! Terms: what crosses between nodes, in Erlang's external term format.
//!
//! Values go from serde straight to bytes and back; [`Term`] is for what has no type here.
//! A message reads on the other side as an Erlang or Elixir programmer would have written it:
//!
//! | Rust | Erlang |
//! |---|---|
//! | `Get` | `get`: names of variants in snake case |
//! | `Increment(5)`, `MoveTo(1, -2)` | `{increment, 5}`, `{move_to, 1, -2}` |
//! | `Put { key, value }` | `{put, #{key => Key, value => Value}}` |
//! | struct | map whose keys are atoms |
//! | newtype struct; tuple struct; unit struct | what it holds; tuple; atom in snake case |
//! | `Ok(v)`, `Ok(())`, `Err(e)`, `Err(())` | `{ok, V}`, `ok`, `{error, E}`, `error` |
//! | `Some(v)`, `None` | what it holds, `nil` (and `undefined` is read as `None`) |
//! | `()`, `bool` | `ok`, `true` and `false` |
//! | `String`, `&str`, `char`, bytes | binary; a `String` is also read from an atom and from a list of characters |
//! | `Vec` and slices; tuples and arrays | list; tuple |
//! | `HashMap<String, _>`, `HashMap<Atom, _>` | map whose keys are binaries; whose keys are atoms |
//! | integers of up to 128 bits; floats | integer; float, which must be finite |
//! | [`Atom`], [`Term`], pids, references | themselves |
//!
//! Keys of a map that a struct has no field for are ignored, and a field that is an `Option` may be missing: a message
//! can be given more fields while nodes of both versions talk.
//! What nests `Option` in `Option` does not survive the way: `Some(None)` comes back as `None`.
//!
//! Nodes with the same types leave out what both know; see [`format`].
//!
//! Nothing that is read is believed before it is checked: counts against the bytes that are left, nesting against 256
//! levels; what is compressed is refused, and nothing that is decoded runs.

mod atom;
mod de;
mod dynamic;
mod error;
mod format;
#[doc(hidden)]
pub mod fuzzing;
mod identity;
mod raw;
mod reader;
mod ser;
mod skip;
mod snake;
mod tag;
#[cfg(test)]
mod tests;
pub(crate) mod write;

use serde::de::Deserialize;
use serde::ser::Serialize;

pub use atom::Atom;
pub use dynamic::{BigInteger, Fun, Map, Term};
pub use error::{DecodeError, EncodeError};
pub(crate) use format::Format;
pub use identity::{PidParts, PortParts, ReferenceParts};
pub use raw::RawTerm;
pub(crate) use reader::Reader;

/// How deep lists, tuples, and maps may be nested.
const MAX_DEPTH: u16 = 256;

/// How much room is made for elements before the first of them was read.
const MAX_RESERVED: usize = 4096;

// Newtype structs with these names are what they say: around a name, the parts of a pid `(node, id, serial, creation)`,
// the parts of a reference `(node, creation, words)`, and the bytes of one term.
pub(crate) const ATOM: &str = "$atom";
pub(crate) const PID: &str = "$pid";
pub(crate) const REFERENCE: &str = "$reference";
pub(crate) const RAW: &str = "$raw";

/// The name of a variant in snake case, as it stands on the wire.
pub(crate) fn snake(name: &str) -> String {
    snake::snake(name).collect()
}

/// Appends `value` as a term, without the version byte that begins a message.
///
/// # Errors
///
/// [`EncodeError`] if the value has no form on the wire; `out` is then as it was.
pub(crate) fn encode<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    encode_as(Format::Terms, value, out)
}

/// Appends `value` in one of the formats.
///
/// # Errors
///
/// [`EncodeError`] if it has no form in it, though it may have one in the other; `out` is then as it was.
pub(crate) fn encode_as<T: Serialize + ?Sized>(
    format: Format,
    value: &T,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let start = out.len();
    value.serialize(&mut ser::Serializer::new(out, format)).map_err(|failed| {
        out.truncate(start);
        failed.error()
    })
}

/// The value that `input` is, all of it, without a version byte.
///
/// # Errors
///
/// [`DecodeError`] if `input` is no term, or not one of a `T`.
pub(crate) fn decode<'de, T: Deserialize<'de>>(input: &'de [u8]) -> Result<T, DecodeError> {
    decode_as(Format::Terms, input)
}

/// The value that was written to `input` in one of the formats, all of it.
///
/// # Errors
///
/// [`DecodeError`] if `input` is not a `T`. What is native was written as a `T`, or it may well be read as what it is not.
pub(crate) fn decode_as<'de, T: Deserialize<'de>>(
    format: Format,
    input: &'de [u8],
) -> Result<T, DecodeError> {
    let mut reader = Reader::of(format, input);
    let value = T::deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// The external term format of `value`, as Erlang's `binary_to_term/1` reads it.
///
/// # Errors
///
/// [`EncodeError`] if the value has no form on the wire.
///
/// ```
/// use umbrella::term;
///
/// let bytes = term::to_binary(&("pi", 3.14))?;
/// assert_eq!(term::from_binary::<term::Term>(&bytes)?.to_string(), r#"{<<"pi">>,3.14}"#);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
///
/// Source: `erlang:term_to_binary/1`.
pub fn to_binary<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, EncodeError> {
    let mut out = Vec::new();
    write::version(&mut out);
    encode(value, &mut out)?;
    Ok(out)
}

/// The value of what Erlang's `term_to_binary/1` wrote.
///
/// # Errors
///
/// [`DecodeError`] if `input` is no term, is compressed, or is not a `T`.
///
/// Source: `erlang:binary_to_term/1`.
pub fn from_binary<'de, T: Deserialize<'de>>(input: &'de [u8]) -> Result<T, DecodeError> {
    let mut reader = Reader::new(input);
    reader.version()?;
    decode(reader.rest())
}
