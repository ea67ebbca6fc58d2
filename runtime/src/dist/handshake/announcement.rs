//! What nodes of umbrella say of themselves beyond what OTP does.

use std::sync::Arc;

/// Stands behind the name in the handshake: `UMB1 <version> <identity>`. OTP ignores what is there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Announcement {
    /// Which frames of our own it understands, beside those of OTP.
    pub(crate) version: u8,
    /// Which deployment it is of.
    pub(crate) identity: Arc<str>,
}

impl Announcement {
    /// The frames that this node understands.
    pub(crate) const VERSION: u8 = 3;

    /// The longest identity that is announced.
    pub(crate) const LONGEST_IDENTITY: usize = 255;

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(format!("UMB1 {} {}", self.version, self.identity).as_bytes());
    }

    /// What stands behind the name; nothing if it is not ours.
    pub(super) fn read(behind: &[u8]) -> Option<Self> {
        let (version, identity) = str::from_utf8(behind.strip_prefix(b"UMB1 ")?).ok()?.split_once(' ')?;
        (identity.len() <= Self::LONGEST_IDENTITY)
            .then_some(Self { version: version.parse().ok()?, identity: identity.into() })
    }
}
