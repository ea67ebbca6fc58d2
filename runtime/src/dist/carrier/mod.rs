//! What carries the bytes of a connection.

mod metered;
#[cfg(feature = "tls")]
mod names;
mod socket;
#[cfg(feature = "tls")]
pub(crate) mod tls;

use std::future::poll_fn;
use std::io;
use std::task::{Context, Poll};

use super::frame::Prefix;

pub(crate) use metered::Metered;
pub(crate) use socket::{tcp, unix};

/// A stream of bytes both ways. Dropping it closes it.
///
/// One task reads and one waits to write; whoever likes may write what can be written at once.
pub(crate) trait Carrier: Send + Sync + 'static {
    /// Reads what has come; `WouldBlock` if nothing has, and 0 if nothing will.
    fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize>;
    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Writes as much as can be written at once; `WouldBlock` if that is nothing.
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize>;
    fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Whether the other side may be the node with this full name, as far as the carrier knows.
    fn is_of(&self, _node: &str) -> bool {
        true
    }

    /// How lengths are written in a handshake on it.
    fn handshake_prefix(&self) -> Prefix {
        Prefix::Two
    }
}

impl dyn Carrier {
    /// Reads into `buffer` once something has come; nothing if nothing will.
    pub(crate) async fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.try_read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    poll_fn(|cx| self.poll_readable(cx)).await?;
                }
                read => return read,
            }
        }
    }

    pub(crate) async fn write_all(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.try_write(bytes) {
                Ok(written) => bytes = &bytes[written..],
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    poll_fn(|cx| self.poll_writable(cx)).await?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
