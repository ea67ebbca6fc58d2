//! The messages, as bytes.

use super::digest::Digest;
use super::{Announcement, HandshakeError, Local};
use crate::dist::flags::Flags;

/// `N` of who calls.
pub(super) struct Name<'a> {
    pub(super) flags: Flags,
    pub(super) creation: u32,
    pub(super) name: &'a str,
    pub(super) announcement: Option<Announcement>,
}

/// What who calls has said of itself so far.
pub(super) enum Said {
    /// `N`.
    All,
    /// `n`: the complement is to come.
    Half,
}

/// `N` of who was called.
pub(super) struct Challenge<'a> {
    pub(super) challenge: u32,
    pub(super) of: Name<'a>,
}

impl Local {
    pub(super) fn write_name(&self) -> Vec<u8> {
        let mut out = vec![b'N'];
        out.extend_from_slice(&self.flags.0.to_be_bytes());
        out.extend_from_slice(&self.creation.to_be_bytes());
        self.write_who(&mut out);
        out
    }

    pub(super) fn write_challenge(&self, challenge: u32) -> Vec<u8> {
        let mut out = vec![b'N'];
        out.extend_from_slice(&self.flags.0.to_be_bytes());
        out.extend_from_slice(&challenge.to_be_bytes());
        out.extend_from_slice(&self.creation.to_be_bytes());
        self.write_who(&mut out);
        out
    }

    fn write_who(&self, out: &mut Vec<u8>) {
        write_text(&self.name, out);
        Announcement { version: Announcement::VERSION, identity: self.identity.clone() }.write(out);
    }
}

/// Names of nodes are at most 255 bytes, which is checked where they come from.
pub(super) fn write_text(text: &str, out: &mut Vec<u8>) {
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(&text.as_bytes()[..usize::from(length)]);
}

pub(super) fn read_name(message: &[u8]) -> Result<(Name<'_>, Said), HandshakeError> {
    if let Some(half) = message.strip_prefix(b"n") {
        return Ok((read_old_name(half)?, Said::Half));
    }
    let rest = tagged(message, b'N')?;
    let (flags, rest) = u64_of(rest)?;
    let (creation, rest) = u32_of(rest)?;
    Ok((read_who(Flags(flags), creation, rest)?, Said::All))
}

/// `n`: a version, which says nothing that the flags do not, the lower flags, and a name without its length.
///
/// Source: `dist_util:recv_name_old/2`.
fn read_old_name(rest: &[u8]) -> Result<Name<'_>, HandshakeError> {
    let (_version, rest) = rest.split_first_chunk::<2>().ok_or(HandshakeError::Malformed)?;
    let (flags, name) = u32_of(rest)?;
    let name = str::from_utf8(name).map_err(|_not_utf8| HandshakeError::Malformed)?;
    Ok(Name { flags: Flags(flags.into()).undigested(), creation: 0, name, announcement: None })
}

/// `c`: the higher flags, and the creation.
pub(super) fn read_complement(message: &[u8]) -> Result<(Flags, u32), HandshakeError> {
    let (flags, rest) = u32_of(tagged(message, b'c')?)?;
    let (creation, rest) = u32_of(rest)?;
    if rest.is_empty() {
        Ok((Flags(u64::from(flags) << 32), creation))
    } else {
        Err(HandshakeError::Malformed)
    }
}

pub(super) fn read_challenge(message: &[u8]) -> Result<Challenge<'_>, HandshakeError> {
    let rest = tagged(message, b'N')?;
    let (flags, rest) = u64_of(rest)?;
    let (challenge, rest) = u32_of(rest)?;
    let (creation, rest) = u32_of(rest)?;
    Ok(Challenge { challenge, of: read_who(Flags(flags), creation, rest)? })
}

fn read_who(flags: Flags, creation: u32, rest: &[u8]) -> Result<Name<'_>, HandshakeError> {
    let (length, rest) = rest.split_first_chunk().ok_or(HandshakeError::Malformed)?;
    let (name, behind) =
        rest.split_at_checked(u16::from_be_bytes(*length).into()).ok_or(HandshakeError::Malformed)?;
    let name = str::from_utf8(name).map_err(|_not_utf8| HandshakeError::Malformed)?;
    Ok(Name { flags: flags.undigested(), creation, name, announcement: Announcement::read(behind) })
}

/// What every message but `N` of who calls is short enough for.
pub(super) fn read_status(message: &[u8]) -> Result<&str, HandshakeError> {
    str::from_utf8(tagged(message, b's')?).map_err(|_not_utf8| HandshakeError::Malformed)
}

pub(super) fn write_status(status: &str) -> Vec<u8> {
    [b"s", status.as_bytes()].concat()
}

/// `r`: the challenge of who calls, and its digest.
pub(super) fn write_reply(challenge: u32, digest: &Digest) -> Vec<u8> {
    [b"r", &challenge.to_be_bytes()[..], digest].concat()
}

pub(super) fn read_reply(message: &[u8]) -> Result<(u32, Digest), HandshakeError> {
    let (challenge, digest) = u32_of(tagged(message, b'r')?)?;
    Ok((challenge, digest_of(digest)?))
}

/// `a`: the digest of who was called.
pub(super) fn write_ack(digest: &Digest) -> Vec<u8> {
    [b"a", &digest[..]].concat()
}

pub(super) fn read_ack(message: &[u8]) -> Result<Digest, HandshakeError> {
    digest_of(tagged(message, b'a')?)
}

fn tagged(message: &[u8], tag: u8) -> Result<&[u8], HandshakeError> {
    message.strip_prefix(&[tag]).ok_or(HandshakeError::Malformed)
}

fn digest_of(bytes: &[u8]) -> Result<Digest, HandshakeError> {
    bytes.try_into().map_err(|_other_length| HandshakeError::Malformed)
}

fn u32_of(bytes: &[u8]) -> Result<(u32, &[u8]), HandshakeError> {
    let (number, rest) = bytes.split_first_chunk().ok_or(HandshakeError::Malformed)?;
    Ok((u32::from_be_bytes(*number), rest))
}

fn u64_of(bytes: &[u8]) -> Result<(u64, &[u8]), HandshakeError> {
    let (number, rest) = bytes.split_first_chunk().ok_or(HandshakeError::Malformed)?;
    Ok((u64::from_be_bytes(*number), rest))
}
