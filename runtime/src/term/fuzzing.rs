//! The native format, for those who try what bytes do harm.

use serde::de::DeserializeOwned;
use serde::ser::Serialize;

use super::{Format, decode_as, encode_as};

/// The value that was written to `input`, if it is one.
pub fn read<T: DeserializeOwned>(input: &[u8]) -> Option<T> {
    decode_as(Format::Native, input).ok()
}

/// What is written of `value`, if it has a form.
pub fn write<T: Serialize>(value: &T) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    encode_as(Format::Native, value, &mut out).ok().map(|()| out)
}
