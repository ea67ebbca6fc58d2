//! Where nodes are.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};

use tokio::net::{TcpStream, UnixStream, lookup_host};

#[cfg(feature = "tls")]
use super::carrier::tls::Tls;
use super::carrier::{self, Carrier};
use super::epmd;

/// An answer that comes later.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Finds nodes by their names.
pub trait Resolver: Send + Sync + 'static {
    /// Where `node` may be, the best first; nowhere if there is no such node.
    fn resolve<'a>(&'a self, node: &'a str) -> Later<'a, io::Result<Vec<Address>>>;
}

/// Where a node listens.
#[derive(Clone)]
pub struct Address(Place);

#[derive(Clone)]
enum Place {
    Tcp(SocketAddr),
    Unix(PathBuf),
    #[cfg(feature = "tls")]
    Tls(SocketAddr, Box<str>, Tls),
    #[cfg(test)]
    Simulated(Arc<dyn Dial>),
}

/// A place in a simulated network.
#[cfg(test)]
pub(crate) trait Dial: Send + Sync {
    fn dial(&self) -> Later<'_, io::Result<Arc<dyn Carrier>>>;
}

impl Address {
    /// A port of a machine.
    pub fn tcp(address: impl Into<SocketAddr>) -> Self {
        Self(Place::Tcp(address.into()))
    }

    /// A port of a machine that shows a certificate of `host`.
    #[cfg(feature = "tls")]
    pub fn tls(address: impl Into<SocketAddr>, host: &str, tls: Tls) -> Self {
        Self(Place::Tls(address.into(), host.into(), tls))
    }

    /// A socket of this machine.
    pub fn unix(path: impl Into<PathBuf>) -> Self {
        Self(Place::Unix(path.into()))
    }

    #[cfg(test)]
    pub(crate) fn simulated(place: Arc<dyn Dial>) -> Self {
        Self(Place::Simulated(place))
    }

    pub(crate) async fn connect(&self) -> io::Result<Arc<dyn Carrier>> {
        match &self.0 {
            Place::Tcp(address) => carrier::tcp(TcpStream::connect(address).await?),
            Place::Unix(path) => Ok(carrier::unix(UnixStream::connect(path).await?)),
            #[cfg(feature = "tls")]
            Place::Tls(address, host, tls) => carrier::tls::connect(*address, host, tls).await,
            #[cfg(test)]
            Place::Simulated(place) => place.dial().await,
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Place::Tcp(address) => write!(f, "{address}"),
            Place::Unix(path) => write!(f, "{}", path.display()),
            #[cfg(feature = "tls")]
            Place::Tls(address, host, _) => write!(f, "{address} (TLS, {host})"),
            #[cfg(test)]
            Place::Simulated(_) => f.write_str("simulated"),
        }
    }
}

/// A table of nodes, which may be changed while it is used.
#[derive(Clone, Default)]
pub struct Table(Arc<RwLock<HashMap<Box<str>, Vec<Address>>>>);

impl Table {
    /// Says where `node` is; `addresses` replace those it had.
    pub fn insert(&self, node: &str, addresses: impl IntoIterator<Item = Address>) {
        let addresses = addresses.into_iter().collect();
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(node.into(), addresses);
    }

    /// Forgets `node`.
    pub fn remove(&self, node: &str) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(node);
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = self.0.read().unwrap_or_else(PoisonError::into_inner);
        f.debug_map().entries(table.iter()).finish()
    }
}

impl Resolver for Table {
    fn resolve<'a>(&'a self, node: &'a str) -> Later<'a, io::Result<Vec<Address>>> {
        let found = self.0.read().unwrap_or_else(PoisonError::into_inner).get(node).cloned();
        Box::pin(async move { Ok(found.unwrap_or_default()) })
    }
}

/// Asks the port mapper of the host that stands in a node's name.
#[derive(Clone, Copy, Debug)]
pub struct Epmd {
    /// The port on which port mappers listen, on all hosts.
    pub port: u16,
}

impl Epmd {
    /// The nodes of this machine, by what is before the `@` in their names, each with its port.
    ///
    /// Source: OTP `net_adm:names/0`.
    ///
    /// # Errors
    /// As connecting to the port mapper, and reading from it.
    pub async fn names(&self) -> io::Result<Vec<(Box<str>, u16)>> {
        epmd::names(epmd::local(self.port)).await
    }
}

impl Default for Epmd {
    fn default() -> Self {
        Self { port: epmd::DEFAULT_PORT }
    }
}

impl Epmd {
    /// The port of the node with this full name, as the port mapper at this address knows it.
    pub(crate) async fn port_of(&self, epmd: SocketAddr, node: &str) -> io::Result<Option<u16>> {
        epmd::lookup(epmd, node.split_once('@').map_or(node, |(name, _host)| name)).await
    }
}

impl Resolver for Epmd {
    fn resolve<'a>(&'a self, node: &'a str) -> Later<'a, io::Result<Vec<Address>>> {
        Box::pin(async move {
            let Some((name, host)) = node.split_once('@') else { return Ok(Vec::new()) };
            let hosts: Vec<IpAddr> =
                lookup_host((host, self.port)).await?.map(|address| address.ip()).collect();
            for host in hosts {
                match epmd::lookup((host, self.port).into(), name).await {
                    Ok(Some(port)) => return Ok(vec![Address::tcp((host, port))]),
                    Ok(None) => {}
                    Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(Vec::new())
        })
    }
}

/// Each is asked until one knows where a node is.
impl Resolver for Vec<Arc<dyn Resolver>> {
    fn resolve<'a>(&'a self, node: &'a str) -> Later<'a, io::Result<Vec<Address>>> {
        Box::pin(async move {
            let mut failed = None;
            for resolver in self {
                match resolver.resolve(node).await {
                    Ok(addresses) if addresses.is_empty() => {}
                    Ok(addresses) => return Ok(addresses),
                    Err(error) => failed = Some(error),
                }
            }
            failed.map_or(Ok(Vec::new()), Err)
        })
    }
}
