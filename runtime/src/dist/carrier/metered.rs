//! Counting what a carrier carries.

use std::io;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::Carrier;
use crate::dist::frame::Prefix;
use crate::process::traffic::Traffic;

/// A carrier, whose bytes are counted.
pub(crate) struct Metered {
    pub(crate) carrier: Arc<dyn Carrier>,
    pub(crate) traffic: Arc<Traffic>,
}

impl Carrier for Metered {
    fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.carrier.try_read(buffer).inspect(|count| self.traffic.has_read(*count))
    }

    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.carrier.poll_readable(cx)
    }

    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.carrier.try_write(bytes).inspect(|count| self.traffic.has_written(*count))
    }

    fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.carrier.poll_writable(cx)
    }

    fn is_of(&self, node: &str) -> bool {
        self.carrier.is_of(node)
    }

    fn handshake_prefix(&self) -> Prefix {
        self.carrier.handshake_prefix()
    }
}
