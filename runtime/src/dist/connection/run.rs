//! The tasks of a connection: one reads and delivers, one writes what could not be written at once.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::inbound::Inbound;
use super::outbox::{Kind, When};
use super::receive::Garbled;
use super::words::NATIVE;
use super::{Connection, Dial, Stage};
use crate::dist::carrier::{Carrier, Metered};
use crate::dist::frame::{Frames, TooLong};
use crate::dist::handshake::Peer;
use crate::process::traffic::Traffic;
use crate::process::{Node, Panic, attempt};

/// Why a connection is no more.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Lost {
    #[error("closed by the other side")]
    Closed,
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("{0}")]
    TooLong(#[from] TooLong),
    #[error("{0}")]
    Garbled(#[from] Garbled),
    #[error("nothing came for as long as net_ticktime")]
    Silent,
    #[error("disconnected on request")]
    Disconnected,
    #[error("the node has connected anew")]
    Replaced,
    #[error("{0}")]
    NotMade(Arc<str>),
    #[error("this node stops")]
    Stopped,
}

/// After so many ticks without a sign of life a connection is lost.
///
/// Source: OTP `kernel`, `net_tickintensity`.
const TICKS: u32 = 4;

impl Connection {
    /// Begins to carry what was queued; false if it is open or closed already.
    pub(crate) fn open(self: &Arc<Self>, carrier: Arc<dyn Carrier>, frames: Frames, peer: Peer) -> bool {
        let (Some(network), Some(node)) = (self.network.upgrade(), self.node.upgrade()) else { return false };
        let carrier: Arc<dyn Carrier> = Arc::new(Metered { carrier, traffic: Traffic::of(&node) });
        let permissions = network.permissions(&peer);
        if self.peer.set(peer).is_err() {
            return false;
        }
        if let Some(permissions) = permissions {
            let _first = self.permissions.set(permissions);
        }
        *self.dial() = Dial::Done;
        self.stage.send_replace(Stage::Open);
        if !self.outbox.open(carrier.clone(), self.speaks(NATIVE)) {
            return false;
        }
        let (reader, writer) = (self.clone(), self.clone());
        let read = network.spawn(async move {
            let lost = reader.read(carrier, frames).await;
            reader.lost(lost);
        });
        let write = network.spawn(async move {
            if let Err(error) = writer.outbox.write().await {
                writer.lost(error.into());
            }
        });
        self.tasks().extend([read, write]);
        true
    }

    fn lost(self: &Arc<Self>, why: Lost) {
        if let Some(network) = self.network.upgrade() {
            network.lost(self, &why);
        }
    }

    /// Reads and delivers for as long as there is something to read.
    async fn read(self: &Arc<Self>, carrier: Arc<dyn Carrier>, mut frames: Frames) -> Lost {
        let mut inbound = Inbound::new(frames.longest());
        loop {
            if let Err(lost) = self.take(&mut frames, &mut inbound) {
                return lost;
            }
            match carrier.read(frames.room()).await {
                Ok(0) => return Lost::Closed,
                Ok(count) => frames.filled(count),
                Err(error) => return error.into(),
            }
            self.has_heard.store(true, Ordering::Relaxed);
        }
    }

    /// Delivers what has come whole.
    fn take(self: &Arc<Self>, frames: &mut Frames, inbound: &mut Inbound) -> Result<(), Lost> {
        let node = self.node.upgrade().ok_or(Lost::Stopped)?;
        // References in messages mean something only in code that belongs to a node.
        node.enter(|| {
            loop {
                // What comes is made into types of users, which may panic; so may those that nobody takes when they go.
                match attempt(|| self.take_all(&node, frames, inbound)) {
                    Ok(taken) => return taken,
                    Err(Panic { location, message, .. }) => {
                        tracing::error!(target: "umbrella::dist", "a message was not taken: panicked at {location}: {message}");
                    }
                }
            }
        })
    }

    fn take_all(
        self: &Arc<Self>,
        node: &Node,
        frames: &mut Frames,
        inbound: &mut Inbound,
    ) -> Result<(), Lost> {
        while let Some(message) = frames.next()? {
            self.receive(node, message, inbound)?;
        }
        Ok(())
    }

    /// Says that this side lives, and asks whether the other did.
    ///
    /// Source: *Erlang Distribution Protocol*; `dist_util.erl`.
    pub(crate) fn tick(self: &Arc<Self>) {
        if !self.is_open() {
            return;
        }
        self.outbox.flush();
        self.tell_refusals();
        if self.outbox.is_quiet() {
            let _closed = self.outbox.push(&mut vec![0; 4], None, When::Now, Kind::Signal);
        }
        if self.has_heard.swap(false, Ordering::Relaxed) {
            self.silence.store(0, Ordering::Relaxed);
        } else if self.silence.fetch_add(1, Ordering::Relaxed) + 1 >= TICKS {
            self.lost(Lost::Silent);
        }
    }
}
