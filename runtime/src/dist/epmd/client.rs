//! Asking the port mapper.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Registration;
use super::protocol::{self, Request};

/// How long an answer may take.
///
/// Source: OTP `erl_epmd.erl`.
const PATIENCE: Duration = Duration::from_secs(10);

/// More than all nodes of a machine have names.
const LONGEST_ANSWER: u64 = 256 * 1024;

/// The port on which the node listens whose name has `name` before the `@`.
pub(crate) async fn lookup(epmd: SocketAddr, name: &str) -> io::Result<Option<u16>> {
    Ok(protocol::read_port(&ask(epmd, &Request::Lookup(name.into())).await?))
}

/// The nodes of a machine, by what is before the `@` in their names, and their ports.
pub(crate) async fn names(epmd: SocketAddr) -> io::Result<Vec<(Box<str>, u16)>> {
    protocol::read_names(&ask(epmd, &Request::Names).await?).ok_or_else(not_understood)
}

/// An answer that ends with the connection.
async fn ask(epmd: SocketAddr, request: &Request) -> io::Result<Vec<u8>> {
    let asked = async {
        let mut stream = TcpStream::connect(epmd).await?;
        stream.write_all(&request.write()).await?;
        let mut answer = Vec::new();
        stream.take(LONGEST_ANSWER).read_to_end(&mut answer).await?;
        Ok(answer)
    };
    timeout(PATIENCE, asked).await?
}

/// Registers; the node can be found for as long as the stream is open.
pub(super) async fn register(epmd: SocketAddr, registration: &Registration) -> io::Result<TcpStream> {
    let registered = async {
        let mut stream = TcpStream::connect(epmd).await?;
        stream.write_all(&Request::Register(registration.clone()).write()).await?;
        let tag = stream.read_u8().await?;
        let length = protocol::registered_length(tag).ok_or_else(not_understood)?;
        let mut rest = [0; 5];
        stream.read_exact(&mut rest[..length]).await?;
        if protocol::is_registered(&rest[..length]) {
            Ok(stream)
        } else {
            Err(io::Error::new(io::ErrorKind::AddrInUse, "another node has the name"))
        }
    };
    timeout(PATIENCE, registered).await?
}

fn not_understood() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "not an answer of epmd")
}
