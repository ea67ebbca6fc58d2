//! The side that is called.

use super::digest::{digest, is_same};
use super::message::{self, Name, Said};
use super::{HandshakeError, Local, Peer, is_node_name};
use crate::dist::flags::Flags;

/// A handshake with a node that called.
pub(crate) struct Accepting<'a> {
    local: &'a Local,
    challenge: u32,
    said: Said,
    awaits: Awaits,
}

enum Awaits {
    Name,
    /// Whoever drives the handshake says what this node makes of the other.
    Decision(Peer),
    GoOn(Peer),
    Complement(Peer),
    Reply(Peer),
}

/// What was heard.
#[derive(PartialEq, Eq, Debug)]
pub(crate) enum Heard {
    /// This node says that it is `peer`, which nothing proves yet. What to make of it? See [`Accepting::decide`].
    Name(Peer),
    /// It wants a name, and is on this host.
    Nameless { host: Box<str>, flags: Flags },
    /// The next message is awaited.
    Receive,
    /// It is to be sent this.
    Send(Vec<u8>),
    /// It knows the cookie, and is connected once it was sent this.
    Connected(Peer, Vec<u8>),
}

/// What a node that was called makes of the other.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Status {
    Ok,
    /// This node is connecting to the other, too, and gives that up.
    OkSimultaneous,
    /// This node is connecting to the other, too, and that connection it shall be.
    Nok,
    /// There is a connection already; the other says whether it is over.
    Alive,
}

impl<'a> Accepting<'a> {
    /// `challenge` must be a number that nobody can guess.
    pub(crate) fn new(local: &'a Local, challenge: u32) -> Self {
        Self { local, challenge, said: Said::All, awaits: Awaits::Name }
    }

    pub(crate) fn receive(&mut self, received: &[u8]) -> Result<Heard, HandshakeError> {
        match &self.awaits {
            Awaits::Name => {
                let (name, said) = message::read_name(received)?;
                self.said = said;
                self.named(name)
            }
            Awaits::Decision(_) => Err(HandshakeError::Malformed),
            Awaits::GoOn(peer) => match message::read_status(received)? {
                "true" => {
                    self.awaits = self.challenged(peer.clone());
                    Ok(Heard::Send(self.local.write_challenge(self.challenge)))
                }
                "false" => Err(HandshakeError::Alive),
                _ => Err(HandshakeError::Malformed),
            },
            Awaits::Complement(peer) => {
                let (flags, creation) = message::read_complement(received)?;
                let flags = peer.flags | (self.local.flags & flags);
                self.awaits = Awaits::Reply(Peer { creation, flags, ..peer.clone() });
                Ok(Heard::Receive)
            }
            Awaits::Reply(peer) => {
                let (challenge, answer) = message::read_reply(received)?;
                if !is_same(&answer, &digest(&self.local.cookie, self.challenge)) {
                    return Err(HandshakeError::OtherCookie);
                }
                let ack = message::write_ack(&digest(&self.local.cookie, challenge));
                Ok(Heard::Connected(peer.clone(), ack))
            }
        }
    }

    fn named(&mut self, name: Name<'_>) -> Result<Heard, HandshakeError> {
        if name.flags.has(Flags::NAME_ME) && !name.name.contains('@') && !name.name.is_empty() {
            self.local.accept_flags(name.flags)?;
            // With the longest name that it may get.
            if !is_node_name(&format!("{:x}@{}", u64::MAX, name.name)) {
                return Err(HandshakeError::BadName(name.name.into()));
            }
            return Ok(Heard::Nameless { host: name.name.into(), flags: name.flags });
        }
        let peer = self.local.accept_peer(name)?;
        self.awaits = Awaits::Decision(peer.clone());
        Ok(Heard::Name(peer))
    }

    /// What comes next of a node that is challenged.
    fn challenged(&self, peer: Peer) -> Awaits {
        match self.said {
            Said::All => Awaits::Reply(peer),
            Said::Half => Awaits::Complement(peer),
        }
    }

    /// What is to be sent, once it is decided what to make of the other.
    pub(crate) fn decide(&mut self, status: &Status) -> Vec<Vec<u8>> {
        let Awaits::Decision(peer) = &self.awaits else { return Vec::new() };
        let peer = peer.clone();
        let (word, next) = match status {
            Status::Ok => ("ok", Some(self.challenged(peer))),
            Status::OkSimultaneous => ("ok_simultaneous", Some(self.challenged(peer))),
            Status::Alive => ("alive", Some(Awaits::GoOn(peer))),
            Status::Nok => ("nok", None),
        };
        let mut messages = vec![message::write_status(word)];
        if let Some(next) = next {
            if let Awaits::Reply(_) | Awaits::Complement(_) = next {
                messages.push(self.local.write_challenge(self.challenge));
            }
            self.awaits = next;
        }
        messages
    }

    /// What is to be sent to a node that has no name and is called `peer` from here on.
    pub(crate) fn name(&mut self, peer: Peer) -> Vec<Vec<u8>> {
        let mut named = message::write_status("named:");
        message::write_text(&peer.name, &mut named);
        named.extend_from_slice(&peer.creation.to_be_bytes());
        self.awaits = Awaits::Reply(peer);
        vec![named, self.local.write_challenge(self.challenge)]
    }

    /// What a node is sent that is not allowed, before the connection is closed; only one of umbrella is told why.
    pub(crate) fn refuse(error: &HandshakeError) -> Option<Vec<u8>> {
        let HandshakeError::OtherDeployment { ours, theirs } = error else { return None };
        // As the other side sees it.
        let why = HandshakeError::OtherDeployment { ours: theirs.clone(), theirs: ours.clone() };
        Some(message::write_status(&format!("not_allowed: {why}")))
    }
}

impl Local {
    /// The other side, if it can be talked to at all.
    pub(super) fn accept_peer(&self, other: Name<'_>) -> Result<Peer, HandshakeError> {
        if !is_node_name(other.name) || other.name == &*self.name {
            return Err(HandshakeError::BadName(other.name.into()));
        }
        let flags = self.accept_flags(other.flags)?;
        if let Some(theirs) = &other.announcement
            && theirs.identity != self.identity
        {
            let (ours, theirs) = (self.identity.clone(), theirs.identity.clone());
            return Err(HandshakeError::OtherDeployment { ours, theirs });
        }
        let (name, creation) = (other.name.into(), other.creation);
        Ok(Peer { name, creation, flags, announcement: other.announcement })
    }

    /// What both can do.
    pub(super) fn accept_flags(&self, others: Flags) -> Result<Flags, HandshakeError> {
        match others.missing() {
            Flags(0) => Ok(self.flags & others),
            Flags(missing) => Err(HandshakeError::TooOld(missing)),
        }
    }
}
