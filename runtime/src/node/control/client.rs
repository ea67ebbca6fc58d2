//! Asking a running node, without tokio: `bin/<release> status` is done before a runtime would have started.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::protocol::{self, Refusal, Request};

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AskError {
    /// Nobody listens: the node is not running.
    #[error("the node is not running")]
    NotRunning,
    /// The node said no.
    #[error("{}", .0.message)]
    Refused(Refusal),
    /// No answer in time.
    #[error("the node did not answer in time")]
    Timeout,
    /// The node went away before it answered.
    #[error("the node went away before it answered")]
    Gone,
    /// Anything else about the socket.
    #[error("failed to talk to the node: {0}")]
    Io(io::Error),
}

/// A connection to a running node.
#[derive(Debug)]
pub(crate) struct Client {
    stream: BufReader<UnixStream>,
}

impl Client {
    /// Connects; a node is alive exactly if this works.
    pub(crate) fn connect(socket: &Path) -> Result<Self, AskError> {
        match UnixStream::connect(socket) {
            Ok(stream) => Ok(Self { stream: BufReader::new(stream) }),
            Err(error) if is_one_of(&error, &[io::ErrorKind::NotFound, io::ErrorKind::ConnectionRefused]) => {
                Err(AskError::NotRunning)
            }
            Err(error) => Err(AskError::Io(error)),
        }
    }

    /// Asks and waits for the answer, at most as long as told.
    pub(crate) fn ask<T: DeserializeOwned>(
        &mut self,
        request: &Request,
        wait: Duration,
    ) -> Result<T, AskError> {
        self.wait_at_most(wait)?;
        let line = protocol::request_line(request);
        self.stream.get_mut().write_all(line.as_bytes()).map_err(AskError::from_io)?;
        let mut reply = Vec::new();
        self.stream.read_until(b'\n', &mut reply).map_err(AskError::from_io)?;
        if reply.is_empty() {
            return Err(AskError::Gone);
        }
        let ok: Value = protocol::parse_reply(&reply).and_then(|reply| reply).map_err(AskError::Refused)?;
        serde_json::from_value(ok).map_err(|error| AskError::Io(error.into()))
    }

    /// Waits until the other side has closed the connection: the node is gone.
    pub(crate) fn wait_until_closed(&mut self, wait: Duration) -> Result<(), AskError> {
        self.wait_at_most(wait)?;
        let mut ignored = [0; 256];
        loop {
            match self.stream.read(&mut ignored).map_err(AskError::from_io) {
                Ok(0) | Err(AskError::Gone) => return Ok(()),
                Ok(_) => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn wait_at_most(&self, wait: Duration) -> Result<(), AskError> {
        // Zero would mean for ever.
        let wait = wait.max(Duration::from_millis(1));
        self.stream.get_ref().set_read_timeout(Some(wait)).map_err(AskError::Io)
    }
}

impl AskError {
    fn from_io(error: io::Error) -> Self {
        if is_one_of(&error, &[io::ErrorKind::WouldBlock, io::ErrorKind::TimedOut]) {
            Self::Timeout
        } else if is_one_of(&error, &[io::ErrorKind::BrokenPipe, io::ErrorKind::ConnectionReset]) {
            Self::Gone
        } else {
            Self::Io(error)
        }
    }
}

fn is_one_of(error: &io::Error, kinds: &[io::ErrorKind]) -> bool {
    kinds.contains(&error.kind())
}
