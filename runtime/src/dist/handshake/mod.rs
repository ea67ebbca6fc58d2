//! The handshake: who the other side is, and that it knows the cookie. Pure: messages in, messages out.
//!
//! Messages are without their length, which is 2 bytes on TCP and 4 on TLS.
//! `A` is who was called, `B` who calls:
//!
//! ```text
//! B  N  flags, creation, name              who B is
//! or n  flags, name                        the same, as before OTP 23: half of the flags
//! A  s  ok | ok_simultaneous | nok | not_allowed | alive | named:
//! B  s  true | false                       after alive: B has lost the connection that A still has
//! A  N  flags, challenge, creation, name   who A is
//! B  c  flags, creation                    what the n of B has not said
//! B  r  challenge, digest                  that B knows the cookie
//! A  a  digest                             that A does
//! ```
//!
//! Behind the name stands in both `N` what only nodes of umbrella read; see [`Announcement`].
//! OTP 23 and 24 send `n` to nodes of which they do not know that they understand `N`, such as those that no epmd knows.
//!
//! Source: *Erlang Distribution Protocol*, version 6, and `dist_util.erl`.

mod accept;
mod announcement;
mod connect;
mod digest;
mod message;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use super::flags::Flags;

pub(crate) use accept::{Accepting, Heard, Status};
pub(crate) use announcement::Announcement;
pub(crate) use connect::{Connecting, Next};

/// The longest message before the other side has shown that it knows the cookie.
pub(crate) const LONGEST: usize = 1024;

/// The secret that the nodes of a cluster share. It is not shown.
///
/// Source: OTP `erlang:set_cookie/1`.
#[derive(Clone, PartialEq, Eq)]
pub struct Cookie(Arc<str>);

impl Cookie {
    /// A cookie from its text.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for Cookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cookie(..)")
    }
}

/// What a node says of itself.
#[derive(Clone, Debug)]
pub(crate) struct Local {
    pub(crate) name: Arc<str>,
    pub(crate) creation: u32,
    pub(crate) flags: Flags,
    pub(crate) cookie: Cookie,
    /// Which deployment it is of.
    pub(crate) identity: Arc<str>,
}

/// Who the other side turned out to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Peer {
    pub(crate) name: Arc<str>,
    pub(crate) creation: u32,
    /// What both can do.
    pub(crate) flags: Flags,
    /// What it says of itself if it is of umbrella, and nothing if it is a BEAM.
    pub(crate) announcement: Option<Announcement>,
}

/// Why there is no connection.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HandshakeError {
    /// It does not speak the distribution protocol.
    #[error("not a message of this handshake")]
    Malformed,
    /// A message before it has shown that it knows the cookie was longer than any is.
    #[error("a message of {0} bytes")]
    TooLong(usize),
    /// What it calls itself is no name of a node.
    #[error("`{}` is no name of a node", .0.escape_debug())]
    BadName(Box<str>),
    /// It is older than OTP 25.
    #[error("it cannot do what every node since OTP 25 can: flags {0:#x} are missing")]
    TooOld(u64),
    /// The cookies differ.
    #[error("it has another cookie")]
    OtherCookie,
    /// Another node answered at its address.
    #[error("`{}` answered in its place", .0.escape_debug())]
    OtherNode(Box<str>),
    /// Its certificate is that of another node.
    #[error("its certificate is not that of `{0}`")]
    OtherCertificate(Arc<str>),
    /// It is of another deployment.
    #[error("it is of the deployment `{}`, and this node of `{ours}`", .theirs.escape_debug())]
    OtherDeployment {
        /// The identity of this node's deployment.
        ours: Arc<str>,
        /// The identity of the other's.
        theirs: Arc<str>,
    },
    /// It does not want this node; an umbrella node says why.
    #[error("it does not allow this node{}", .0.escape_debug())]
    NotAllowed(Box<str>),
    /// It is connecting to this node itself.
    #[error("it is connecting to this node itself")]
    Simultaneous,
    /// It is connected to this node already.
    #[error("it is connected already")]
    Alive,
}

/// Whether `name` is a name of a node: a part before one `@`, and one behind it, which can be written into a log.
pub(crate) fn is_node_name(name: &str) -> bool {
    name.len() <= 255
        && !name.contains(char::is_control)
        && name
            .split_once('@')
            .is_some_and(|(alive, host)| !alive.is_empty() && !host.is_empty() && !host.contains('@'))
}
