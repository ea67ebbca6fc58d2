//! Messages as they stand behind their length: a control message, and perhaps what it announces.

use crate::term::{EncodeError, write};

/// "Pass through": no header with atoms, no fragments.
pub(super) const PASS_THROUGH: u8 = 112;

/// Appends one message whose terms `write` appends, or nothing.
pub(super) fn put<E: From<EncodeError>>(
    out: &mut Vec<u8>,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
) -> Result<(), E> {
    let start = out.len();
    out.extend_from_slice(&[0, 0, 0, 0, PASS_THROUGH]);
    write::version(out);
    let written = write(out).and_then(|()| {
        let length = u32::try_from(out.len() - start - 4).map_err(|_| EncodeError::TooLong)?;
        out[start..start + 4].copy_from_slice(&length.to_be_bytes());
        Ok(())
    });
    if written.is_err() {
        out.truncate(start);
    }
    written
}

/// Appends an atom that stands in the program, where none is too long.
pub(super) fn word(name: &'static str, out: &mut Vec<u8>) {
    let written = write::atom(name, out);
    debug_assert!(written.is_ok(), "{name}");
}
