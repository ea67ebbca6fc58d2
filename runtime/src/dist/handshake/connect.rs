//! The side that calls.

use std::sync::Arc;

use super::digest::{digest, is_same};
use super::message;
use super::{HandshakeError, Local, Peer};

/// A handshake with a node that was called.
pub(crate) struct Connecting<'a> {
    local: &'a Local,
    /// Whom it called.
    to: Arc<str>,
    challenge: u32,
    awaits: Awaits,
}

enum Awaits {
    Status,
    Challenge,
    Ack(Peer),
}

/// What is to be done.
#[derive(PartialEq, Eq, Debug)]
pub(crate) enum Next {
    /// The next message is awaited.
    Receive,
    Send(Vec<u8>),
    /// The other side has a connection to this node. Is it not one of this node's any more? See [`Connecting::go_on`].
    AskAlive,
    Connected(Peer),
}

impl<'a> Connecting<'a> {
    /// Begins, with the first message. `challenge` must be a number that nobody can guess.
    pub(crate) fn begin(local: &'a Local, to: Arc<str>, challenge: u32) -> (Self, Vec<u8>) {
        (Self { local, to, challenge, awaits: Awaits::Status }, local.write_name())
    }

    /// The other side shall give up the connection that it has, or this one is given up.
    pub(crate) fn go_on(&self, go_on: bool) -> Vec<u8> {
        message::write_status(if go_on { "true" } else { "false" })
    }

    pub(crate) fn receive(&mut self, received: &[u8]) -> Result<Next, HandshakeError> {
        match &self.awaits {
            Awaits::Status => self.status(message::read_status(received)?),
            Awaits::Challenge => self.challenged(received),
            Awaits::Ack(peer) => {
                let expected = digest(&self.local.cookie, self.challenge);
                if is_same(&message::read_ack(received)?, &expected) {
                    Ok(Next::Connected(peer.clone()))
                } else {
                    Err(HandshakeError::OtherCookie)
                }
            }
        }
    }

    fn status(&mut self, status: &str) -> Result<Next, HandshakeError> {
        match status {
            "ok" | "ok_simultaneous" => {
                self.awaits = Awaits::Challenge;
                Ok(Next::Receive)
            }
            "alive" => {
                self.awaits = Awaits::Challenge;
                Ok(Next::AskAlive)
            }
            "nok" => Err(HandshakeError::Simultaneous),
            _ => match status.strip_prefix("not_allowed") {
                Some(why) => Err(HandshakeError::NotAllowed(why.into())),
                None => Err(HandshakeError::Malformed),
            },
        }
    }

    fn challenged(&mut self, received: &[u8]) -> Result<Next, HandshakeError> {
        let message::Challenge { challenge, of } = message::read_challenge(received)?;
        if of.name != &*self.to {
            return Err(HandshakeError::OtherNode(of.name.into()));
        }
        // Before the digest, which is of use to whoever guesses at cookies.
        let peer = self.local.accept_peer(of)?;
        self.awaits = Awaits::Ack(peer);
        Ok(Next::Send(message::write_reply(self.challenge, &digest(&self.local.cookie, challenge))))
    }
}
