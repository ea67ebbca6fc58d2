//! Driving a handshake over a carrier.

use std::io;
use std::sync::Arc;

use super::super::carrier::Carrier;
use super::super::frame::{Frames, TooLong, framed};
use super::super::handshake::{HandshakeError, LONGEST};

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(super) enum SetupError {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("{0}")]
    Handshake(#[from] HandshakeError),
    #[error("the other side closed the connection in the middle of the handshake; has it another cookie?")]
    Closed,
    #[error("nobody knows where it is")]
    Unknown,
    #[error("no answer in time")]
    Timeout,
    #[error("it took long, and others waited")]
    GaveWay,
    #[error("another attempt goes before this one")]
    Superseded,
}

/// A carrier on which a handshake takes place.
pub(super) struct Talk {
    pub(super) carrier: Arc<dyn Carrier>,
    frames: Frames,
}

impl Talk {
    pub(super) fn new(carrier: Arc<dyn Carrier>) -> Self {
        let frames = Frames::new(carrier.handshake_prefix(), LONGEST);
        Self { carrier, frames }
    }

    pub(super) async fn send(&self, message: &[u8]) -> io::Result<()> {
        self.carrier.write_all(&framed(self.carrier.handshake_prefix(), message)).await
    }

    pub(super) async fn receive(&mut self) -> Result<Vec<u8>, SetupError> {
        loop {
            let message = self.frames.next().map_err(|TooLong(length)| HandshakeError::TooLong(length))?;
            if let Some(message) = message {
                return Ok(message.to_vec());
            }
            match self.carrier.read(self.frames.room()).await? {
                0 => return Err(SetupError::Closed),
                count => self.frames.filled(count),
            }
        }
    }

    /// The carrier, and what has come already of what follows the handshake.
    pub(super) fn into_parts(self) -> (Arc<dyn Carrier>, Frames) {
        (self.carrier, self.frames)
    }
}

/// A number that nobody can guess.
pub(super) fn challenge() -> io::Result<u32> {
    getrandom::u32().map_err(io::Error::other)
}
