//! What a node can do, as it says so in the handshake.

use std::ops::{BitAnd, BitOr};

/// Capabilities of a node.
///
/// Source: OTP `kernel/include/dist.hrl`. The *Distribution Protocol* of the documentation has one of them wrong:
/// `MANDATORY_25_DIGEST` is bit 26.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Flags(pub(crate) u64);

impl Flags {
    const EXTENDED_REFERENCES: Self = Self(1 << 2);
    pub(crate) const DIST_MONITOR: Self = Self(1 << 3);
    const FUN_TAGS: Self = Self(1 << 4);
    const DIST_MONITOR_NAME: Self = Self(1 << 5);
    const NEW_FUN_TAGS: Self = Self(1 << 7);
    const EXTENDED_PIDS_PORTS: Self = Self(1 << 8);
    const EXPORT_PTR_TAG: Self = Self(1 << 9);
    const BIT_BINARIES: Self = Self(1 << 10);
    const NEW_FLOATS: Self = Self(1 << 11);
    const UTF8_ATOMS: Self = Self(1 << 16);
    const MAP_TAG: Self = Self(1 << 17);
    const BIG_CREATION: Self = Self(1 << 18);
    /// A message to a pid says who sent it; nodes in C and Java are not told.
    pub(crate) const SEND_SENDER: Self = Self(1 << 19);
    /// The reason of an exit is a message of its own behind the control message.
    pub(crate) const EXIT_PAYLOAD: Self = Self(1 << 22);
    /// The handshake of OTP 23: 64 bits of these, and messages `N`.
    pub(crate) const HANDSHAKE_23: Self = Self(1 << 24);
    pub(crate) const UNLINK_ID: Self = Self(1 << 25);
    /// Stands for everything that OTP 25 requires.
    pub(crate) const MANDATORY_25_DIGEST: Self = Self(1 << 26);
    /// Runs processes for others; nodes in C and Java do not.
    pub(crate) const SPAWN: Self = Self(1 << 32);
    /// Asks for a name, which the other side makes up.
    pub(crate) const NAME_ME: Self = Self(1 << 33);
    const V4_NC: Self = Self(1 << 34);
    pub(crate) const ALIAS: Self = Self(1 << 35);
    const ALTACT_SIG: Self = Self(1 << 37);

    /// What no node since OTP 25 does without.
    pub(crate) const MANDATORY: Self = Self(
        Self::EXTENDED_REFERENCES.0
            | Self::FUN_TAGS.0
            | Self::EXTENDED_PIDS_PORTS.0
            | Self::UTF8_ATOMS.0
            | Self::NEW_FUN_TAGS.0
            | Self::BIG_CREATION.0
            | Self::NEW_FLOATS.0
            | Self::MAP_TAG.0
            | Self::EXPORT_PTR_TAG.0
            | Self::BIT_BINARIES.0
            | Self::HANDSHAKE_23.0,
    );

    /// What this node can do. It is hidden, without bit 0, `PUBLISHED`.
    pub(crate) const OURS: Self = Self(
        Self::MANDATORY.0
            | Self::MANDATORY_25_DIGEST.0
            | Self::DIST_MONITOR.0
            | Self::DIST_MONITOR_NAME.0
            | Self::SEND_SENDER.0
            | Self::EXIT_PAYLOAD.0
            | Self::UNLINK_ID.0
            | Self::SPAWN.0
            | Self::V4_NC.0
            | Self::ALIAS.0
            | Self::ALTACT_SIG.0,
    );

    pub(crate) const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The same, with what [`MANDATORY_25_DIGEST`](Self::MANDATORY_25_DIGEST) stands for.
    pub(crate) const fn undigested(self) -> Self {
        if self.has(Self::MANDATORY_25_DIGEST) { Self(self.0 | Self::MANDATORY.0) } else { self }
    }

    /// What of the [mandatory](Self::MANDATORY) is missing.
    pub(crate) const fn missing(self) -> Self {
        Self(Self::MANDATORY.0 & !self.undigested().0)
    }
}

impl BitOr for Flags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitAnd for Flags {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl std::fmt::Debug for Flags {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}
