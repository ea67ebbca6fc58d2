//! Listening for other nodes.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::net::{TcpListener, UnixListener};

#[cfg(feature = "tls")]
use super::carrier::tls::Tls;
use super::carrier::{self, Carrier};
use super::network::{Network, accept};

/// Where a node listens for others.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Listen {
    /// On a port; port 0 is any that is free.
    Tcp(SocketAddr),
    /// On a port, over TLS.
    #[cfg(feature = "tls")]
    Tls(SocketAddr, Tls),
    /// On a socket of this machine, which must not be there yet.
    Unix(PathBuf),
}

/// What a node listens on.
pub(super) enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener),
    #[cfg(feature = "tls")]
    Tls(TcpListener, Tls),
}

impl Listener {
    pub(super) async fn bind(listen: &Listen) -> io::Result<Self> {
        Ok(match listen {
            Listen::Tcp(address) => Self::Tcp(TcpListener::bind(address).await?),
            Listen::Unix(path) => Self::Unix(UnixListener::bind(path)?),
            #[cfg(feature = "tls")]
            Listen::Tls(address, tls) => Self::Tls(TcpListener::bind(address).await?, tls.clone()),
        })
    }

    /// The port, if it is one.
    pub(super) fn port(&self) -> Option<u16> {
        match self {
            Self::Tcp(listener) => listener.local_addr().ok().map(|address| address.port()),
            Self::Unix(_) => None,
            #[cfg(feature = "tls")]
            Self::Tls(listener, _) => listener.local_addr().ok().map(|address| address.port()),
        }
    }

    async fn next(&self) -> io::Result<Arc<dyn Carrier>> {
        match self {
            Self::Tcp(listener) => carrier::tcp(listener.accept().await?.0),
            Self::Unix(listener) => Ok(carrier::unix(listener.accept().await?.0)),
            #[cfg(feature = "tls")]
            Self::Tls(listener, tls) => carrier::tls::accept(listener.accept().await?.0, tls),
        }
    }

    /// Accepts for as long as it is polled.
    pub(super) async fn accept(self, network: Weak<Network>) {
        loop {
            let next = self.next().await;
            let Some(network) = network.upgrade() else { return };
            match next {
                Ok(carrier) => drop(network.spawn(accept(network.clone(), carrier))),
                Err(error) => {
                    tracing::warn!(target: "umbrella::dist", "failed to accept a connection: {error}");
                    // Out of descriptors, most likely: let others give theirs back.
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            }
        }
    }
}
