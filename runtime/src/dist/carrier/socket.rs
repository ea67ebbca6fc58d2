//! Sockets: TCP, and those of one machine.

use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::Interest;
use tokio::net::{TcpStream, UnixStream};

use super::Carrier;

/// A connection over TCP.
pub(crate) fn tcp(stream: TcpStream) -> io::Result<Arc<dyn Carrier>> {
    // What is written is complete; waiting for more would only make it late.
    stream.set_nodelay(true)?;
    Ok(Arc::new(stream))
}

/// A connection within one machine.
pub(crate) fn unix(stream: UnixStream) -> Arc<dyn Carrier> {
    Arc::new(stream)
}

/// Reads from `socket`. What does not fill `buffer` was all there was: tokio is told so and waits for more, where another
/// read would only find out the same.
fn read_all_there_is(
    socket: impl AsFd,
    buffer: &mut [u8],
    try_io: impl FnOnce(&mut dyn FnMut() -> io::Result<()>) -> io::Result<()>,
) -> io::Result<usize> {
    let mut count = None;
    let tried = try_io(&mut || {
        let read = rustix::io::retry_on_intr(|| rustix::io::read(&socket, &mut *buffer))?;
        count = Some(read);
        if read > 0 && read < buffer.len() { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(()) }
    });
    match count {
        Some(count) => Ok(count),
        None => tried.map(|()| 0),
    }
}

impl Carrier for TcpStream {
    fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        read_all_there_is(self, buffer, |read| self.try_io(Interest::READABLE, read))
    }

    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_read_ready(cx)
    }

    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        Self::try_write(self, bytes)
    }

    fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_write_ready(cx)
    }
}

impl Carrier for UnixStream {
    fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        read_all_there_is(self, buffer, |read| self.try_io(Interest::READABLE, read))
    }

    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_read_ready(cx)
    }

    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        Self::try_write(self, bytes)
    }

    fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_write_ready(cx)
    }
}
