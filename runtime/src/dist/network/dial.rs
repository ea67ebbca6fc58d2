//! Calling another node.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::Network;
use super::handshake::{SetupError, Talk, challenge};
use super::retry::not_made;
use crate::dist::connection::{Connection, Dial};
use crate::dist::frame::{DEFAULT_LONGEST_MESSAGE, Frames, Prefix};
use crate::dist::handshake::{Connecting, HandshakeError, Next, Peer};
use crate::dist::resolver::Address;

/// How long it may take until a connection is there.
///
/// Source: OTP `kernel`, `net_setuptime`.
pub(crate) const DEFAULT_NET_SETUPTIME: Duration = Duration::from_secs(7);

impl Network {
    /// Connects, or sees to it that everybody who waits for the connection is told.
    pub(super) async fn dial(self: Arc<Self>, connection: Arc<Connection>) {
        let attempt = timeout(DEFAULT_NET_SETUPTIME, self.attempt(&connection)).await;
        let error = match attempt.unwrap_or(Err(SetupError::Timeout)) {
            Ok((talk, peer)) => {
                let (carrier, frames) = after_handshake(talk);
                if connection.open(carrier, frames, peer) {
                    self.opened(&connection);
                }
                return;
            }
            Err(error) => error,
        };
        match &error {
            SetupError::Superseded
            | SetupError::Handshake(HandshakeError::Simultaneous | HandshakeError::Alive) => {
                // The other side has called, and this connection is made of that.
                tokio::time::sleep(DEFAULT_NET_SETUPTIME).await;
            }
            SetupError::Unknown => self.forget(connection.names().to),
            SetupError::Io(_)
            | SetupError::Handshake(_)
            | SetupError::Closed
            | SetupError::GaveWay
            | SetupError::Timeout => {}
        }
        if !connection.is_open() && *connection.dial() != Dial::Done {
            self.lost(&connection, &not_made(error));
        }
    }

    async fn attempt(&self, connection: &Arc<Connection>) -> Result<(Talk, Peer), SetupError> {
        let name = &connection.names().name;
        let addresses = self.resolver.resolve(name).await?;
        let mut last = SetupError::Unknown;
        for address in addresses {
            match self.call(connection, &address).await {
                Err(SetupError::Io(error)) => last = SetupError::Io(error),
                done => return done,
            }
        }
        Err(last)
    }

    /// One handshake with whoever is at `address`.
    async fn call(
        &self,
        connection: &Arc<Connection>,
        address: &Address,
    ) -> Result<(Talk, Peer), SetupError> {
        let mut talk = Talk::new(address.connect().await?);
        let to = connection.names().name.clone();
        let (mut connecting, first) = Connecting::begin(&self.local, to, challenge()?);
        talk.send(&first).await?;
        loop {
            let received = talk.receive().await?;
            match connecting.receive(&received)? {
                Next::Receive => accepted(connection)?,
                Next::AskAlive => {
                    let is_mine = accepted(connection);
                    talk.send(&connecting.go_on(is_mine.is_ok())).await?;
                    is_mine?;
                }
                Next::Send(message) => talk.send(&message).await?,
                Next::Connected(peer) if !talk.carrier.is_of(&peer.name) => {
                    return Err(HandshakeError::OtherCertificate(peer.name).into());
                }
                Next::Connected(peer) => return Ok((talk, peer)),
            }
        }
    }
}

/// The other side goes on with this attempt; does this one?
fn accepted(connection: &Connection) -> Result<(), SetupError> {
    let mut dial = connection.dial();
    match *dial {
        Dial::Fresh | Dial::Accepted => {
            *dial = Dial::Accepted;
            Ok(())
        }
        Dial::GivenUp | Dial::Done => Err(SetupError::Superseded),
    }
}

/// From here on lengths have four bytes.
pub(super) fn after_handshake(talk: Talk) -> (Arc<dyn crate::dist::carrier::Carrier>, Frames) {
    let (carrier, mut frames) = talk.into_parts();
    frames.change(Prefix::Four, DEFAULT_LONGEST_MESSAGE);
    (carrier, frames)
}
