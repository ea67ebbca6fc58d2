//! Being called by another node.

use std::collections::VecDeque;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};

use super::Network;
use super::dial::{DEFAULT_NET_SETUPTIME, after_handshake};
use super::handshake::{SetupError, Talk, challenge};
use super::retry::not_made;
use crate::dist::carrier::Carrier;
use crate::dist::connection::{Connection, Dial, Lost};
use crate::dist::handshake::{Accepting, HandshakeError, Heard, Peer, Status};
use crate::process::NodeId;

/// So many may be in the middle of a handshake at once.
const PENDING: usize = 256;

/// A handshake that has taken so long gives way when there are too many: most are over within milliseconds, so those who
/// only hold on to their place keep nobody out.
const GRACE: Duration = Duration::from_secs(1);

/// Somebody called.
pub(crate) async fn accept(network: Arc<Network>, carrier: Arc<dyn Carrier>) {
    let own = &network.local.name;
    let Some((_place, gives_way)) = Place::take(&network.pending) else {
        tracing::warn!(target: "umbrella::dist", "{own}: too many handshakes at once; one was turned away");
        return;
    };
    let outcome = tokio::select! {
        // Whoever is through has nobody to give way to.
        biased;
        outcome = timeout(DEFAULT_NET_SETUPTIME, network.answer(carrier)) => {
            outcome.unwrap_or(Err(SetupError::Timeout))
        }
        _ = gives_way => Err(SetupError::GaveWay),
    };
    if let Err(error) = outcome {
        tracing::warn!(target: "umbrella::dist", "{own}: a handshake failed: {error}");
    }
}

/// Handshakes with others who called and have not shown that they know the cookie, the oldest first.
#[derive(Default)]
pub(super) struct Pending(Mutex<VecDeque<(Instant, oneshot::Sender<()>)>>);

impl Pending {
    fn all(&self) -> MutexGuard<'_, VecDeque<(Instant, oneshot::Sender<()>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place among them.
struct Place<'a>(&'a Pending);

impl<'a> Place<'a> {
    /// A place, and what is told when it is to be given up; none if all are taken by those who came just now.
    fn take(pending: &'a Pending) -> Option<(Self, oneshot::Receiver<()>)> {
        let now = Instant::now();
        let mut all = pending.all();
        if all.len() >= PENDING {
            all.front().filter(|(since, _)| now - *since >= GRACE)?;
            all.pop_front();
        }
        let (given_up, gives_way) = oneshot::channel();
        all.push_back((now, given_up));
        Some((Self(pending), gives_way))
    }
}

impl Drop for Place<'_> {
    /// The other end of its channel is gone already.
    fn drop(&mut self) {
        self.0.all().retain(|(_, given_up)| !given_up.is_closed());
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
                Ok(Heard::Receive) => {}
                Ok(Heard::Send(message)) => talk.send(&message).await?,
                Ok(Heard::Connected(peer, _)) if !talk.carrier.is_of(&peer.name) => {
                    let error = HandshakeError::OtherCertificate(peer.name);
                    return Err(self.not_accepted(error.into(), given_up));
                }
                Ok(Heard::Connected(peer, ack)) => {
                    let accepted = self.accepted(talk, peer, &ack).await;
                    return accepted.map_err(|error| self.not_accepted(error, given_up));
                }
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
        talk.send(ack).await?;
        // From here on nothing is awaited: a connection in the table is made, or known to be lost.
        let node = self.node.upgrade().ok_or(SetupError::Closed)?;
        let to = node.node_id(&peer.name).map_err(|_| HandshakeError::BadName((&*peer.name).into()))?;
        let connection = self.take_place(&node, to).ok_or(SetupError::Closed)?;
        drop(node);
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
