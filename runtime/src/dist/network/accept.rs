//! Being called by another node.

use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::time::timeout;

use super::Network;
use super::dial::{DEFAULT_NET_SETUPTIME, after_handshake};
use super::handshake::{SetupError, Talk, challenge};
use super::retry::not_made;
use crate::dist::carrier::Carrier;
use crate::dist::connection::{Connection, Dial, Lost};
use crate::dist::handshake::{Accepting, HandshakeError, Heard, Peer, Status};
use crate::process::NodeId;

/// So many may be in the middle of a handshake at once; more are turned away.
const PENDING: usize = 64;

/// Somebody called.
pub(crate) async fn accept(network: Arc<Network>, carrier: Arc<dyn Carrier>) {
    let Some(_pending) = Pending::begin(&network) else {
        let own = &network.local.name;
        tracing::warn!(target: "umbrella::dist", "{own}: too many handshakes at once; one was turned away");
        return;
    };
    let handshake = timeout(DEFAULT_NET_SETUPTIME, network.answer(carrier)).await;
    if let Err(error) = handshake.unwrap_or(Err(SetupError::Timeout)) {
        let own = &network.local.name;
        tracing::warn!(target: "umbrella::dist", "{own}: a handshake failed: {error}");
    }
}

/// A place among the handshakes.
struct Pending<'a>(&'a Network);

impl<'a> Pending<'a> {
    fn begin(network: &'a Network) -> Option<Self> {
        let pending = Self(network);
        (network.pending.fetch_add(1, Ordering::Relaxed) < PENDING).then_some(pending)
    }
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        self.0.pending.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Network {
    async fn answer(self: &Arc<Self>, carrier: Arc<dyn Carrier>) -> Result<(), SetupError> {
        let mut talk = Talk::new(carrier);
        let mut accepting = Accepting::new(&self.local, challenge()?);
        let mut given_up = None;
        loop {
            let received = match talk.receive().await {
                Ok(received) => received,
                Err(error) => return Err(self.not_accepted(error, given_up)),
            };
            match accepting.receive(&received) {
                Ok(Heard::Name(peer)) => {
                    let (status, mine) = self.decide(&peer);
                    given_up = mine;
                    for message in accepting.decide(&status) {
                        talk.send(&message).await?;
                    }
                    if status == Status::Nok {
                        return Ok(());
                    }
                }
                Ok(Heard::Nameless { host, flags }) => {
                    let name = format!("{:x}@{host}", getrandom::u64().map_err(std::io::Error::other)?);
                    let creation = challenge()?.max(1);
                    let peer = Peer { name: name.into(), creation, flags, announcement: None };
                    for message in accepting.name(peer) {
                        talk.send(&message).await?;
                    }
                }
                Ok(Heard::Send(message)) => talk.send(&message).await?,
                Ok(Heard::Connected(peer, _)) if !talk.carrier.is_of(&peer.name) => {
                    let error = HandshakeError::OtherCertificate(peer.name);
                    return Err(self.not_accepted(error.into(), given_up));
                }
                Ok(Heard::Connected(peer, ack)) => return self.accepted(talk, peer, &ack).await,
                Err(error) => {
                    if let Some(message) = Accepting::refuse(&error) {
                        talk.send(&message).await?;
                    }
                    return Err(self.not_accepted(error.into(), given_up));
                }
            }
        }
    }

    /// The other side did not go on; the own attempt that was given up for it is not made either.
    fn not_accepted(&self, error: SetupError, given_up: Option<Arc<Connection>>) -> SetupError {
        if let Some(connection) = given_up.filter(|connection| *connection.dial() == Dial::GivenUp) {
            self.lost(&connection, &not_made(&error));
        }
        error
    }

    /// What to make of a node that says it is `peer`, and the own attempt that is given up for it.
    ///
    /// Source: *Erlang Distribution Protocol*, of two attempts at once that of the node with the greater name is made.
    fn decide(&self, peer: &Peer) -> (Status, Option<Arc<Connection>>) {
        let known = self.node.upgrade().and_then(|node| {
            // Only names that are known already are looked for: this one has shown nothing yet.
            self.read().values().find(|connection| connection.names().name == peer.name).cloned().or_else(
                || {
                    drop(node);
                    None
                },
            )
        });
        let Some(connection) = known else { return (Status::Ok, None) };
        let mut dial = connection.dial();
        match *dial {
            _ if connection.is_open() => (Status::Alive, None),
            Dial::Fresh if *peer.name > *self.local.name => {
                *dial = Dial::GivenUp;
                drop(dial);
                (Status::OkSimultaneous, Some(connection))
            }
            Dial::Fresh | Dial::Accepted => (Status::Nok, None),
            Dial::GivenUp | Dial::Done => (Status::Ok, None),
        }
    }

    /// The other side knows the cookie.
    async fn accepted(self: &Arc<Self>, talk: Talk, peer: Peer, ack: &[u8]) -> Result<(), SetupError> {
        let node = self.node.upgrade().ok_or(SetupError::Closed)?;
        let to = node.node_id(&peer.name).map_err(|_| HandshakeError::BadName((&*peer.name).into()))?;
        let connection = self.take_place(&node, to).ok_or(SetupError::Closed)?;
        drop(node);
        if let Err(error) = talk.send(ack).await {
            self.lost(&connection, &not_made(&error));
            return Err(error.into());
        }
        let (carrier, frames) = after_handshake(talk);
        if connection.open(carrier, frames, peer) {
            self.opened(&connection);
        }
        Ok(())
    }

    /// The connection that an accepted call is made: the one that is being made, or a new one in place of one that the
    /// other side has lost.
    fn take_place(&self, node: &crate::process::Node, to: NodeId) -> Option<Arc<Connection>> {
        if self.is_stopped() {
            return None;
        }
        let (connection, replaced) = {
            let mut connections = self.write();
            match connections.entry(to) {
                Entry::Occupied(mut known) if known.get().is_open() => {
                    let connection = self.make(node, to, Dial::Done)?;
                    let replaced = known.insert(connection.clone());
                    (connection, Some(replaced))
                }
                Entry::Occupied(known) => {
                    *known.get().dial() = Dial::Done;
                    (known.get().clone(), None)
                }
                Entry::Vacant(place) => (place.insert(self.make(node, to, Dial::Done)?).clone(), None),
            }
        };
        if let Some(replaced) = replaced {
            self.end(&replaced, &Lost::Replaced);
        }
        Some(connection)
    }
}
