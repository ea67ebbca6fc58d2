//! Distribution: nodes that talk to each other, and to those of Erlang and Elixir.
//!
//! The protocol is that of Erlang's distribution, so an umbrella node is a hidden node of a BEAM cluster: it is not listed
//! by `nodes()`, and takes no part in `global`, and everything else reaches it as any node.
//!
//! A connection is made when it is first needed, by a call, a cast, a link, a monitor; what is sent meanwhile waits for
//! it. When it is lost, everybody who relied on it is told at once: calls fail with
//! [`NoConnection`](crate::gen_server::CallError::NoConnection), links and monitors fire with
//! [`ExitReason::NoConnection`](crate::process::ExitReason::NoConnection). It is then tried again, at growing intervals.
//!
//! Source: *Erlang Distribution Protocol*, version 6, of OTP 25 and later.

mod access;
mod carrier;
mod connection;
mod control;
mod epmd;
mod events;
mod flags;
mod frame;
#[doc(hidden)]
pub mod fuzzing;
mod handshake;
mod listener;
mod message;
mod net_kernel;
mod network;
mod nodes;
mod reason;
mod resolver;
mod scratch;
#[cfg(test)]
mod tests;
mod varint;

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::AbortHandle;

pub use access::{Access, Pattern, Permissions};
#[cfg(feature = "tls")]
pub use carrier::tls::{Tls, TlsError};
pub use epmd::DEFAULT_PORT as DEFAULT_EPMD_PORT;
pub use events::{NodeEvent, NodeMonitor, monitor_nodes, monitor_nodes_by};
pub use handshake::{Cookie, HandshakeError};
pub use listener::Listen;
pub use nodes::ConnectError;
pub use resolver::{Address, Epmd, Later, Resolver, Table};

use crate::process::{Node, Pid};
use crate::registry::global::server::share_names;
use crate::registry::pg::shared::share_groups;
use epmd::Registration;
use flags::Flags;
use handshake::{Announcement, Local, is_node_name};
use listener::Listener;
use network::Network;

/// How long a node may be silent before it is taken for lost; it is seen after a quarter more or less.
///
/// Source: OTP `kernel`, `net_ticktime`, 60 s.
pub const DEFAULT_NET_TICKTIME: Duration = Duration::from_secs(60);

/// Ticks in [`DEFAULT_NET_TICKTIME`].
///
/// Source: OTP `kernel`, `net_tickintensity`, 4.
const DEFAULT_NET_TICKINTENSITY: u32 = 4;

/// How a node is to be distributed.
#[derive(Clone)]
pub struct Options {
    /// Its full name, `c@127.0.0.1`.
    pub name: Arc<str>,
    /// What all nodes of the cluster know.
    pub cookie: Cookie,
    /// Which deployment it is of; umbrella nodes of different ones refuse each other.
    pub identity: Arc<str>,
    /// Where it listens. A node that listens nowhere can still call others.
    pub listen: Vec<Listen>,
    /// Where others are.
    pub resolver: Arc<dyn Resolver>,
    /// The port of the port mapper that is to know this node, if one is; it is served if nobody does.
    pub epmd: Option<u16>,
    /// See [`DEFAULT_NET_TICKTIME`].
    pub net_ticktime: Duration,
    /// What other nodes may have this one do.
    pub access: Access,
}

impl Options {
    /// A node that listens on a free port of the loopback interface, is known to no port mapper, and asks
    /// [`Epmd`] where others are.
    pub fn new(name: impl Into<Arc<str>>, cookie: Cookie) -> Self {
        Self {
            name: name.into(),
            cookie,
            identity: Arc::from(""),
            listen: vec![Listen::Tcp((std::net::Ipv4Addr::LOCALHOST, 0).into())],
            resolver: Arc::new(Epmd::default()),
            epmd: None,
            net_ticktime: DEFAULT_NET_TICKTIME,
            access: Access::default(),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("name", &self.name)
            .field("identity", &self.identity)
            .field("listen", &self.listen)
            .field("epmd", &self.epmd)
            .field("net_ticktime", &self.net_ticktime)
            .field("access", &self.access)
            .finish_non_exhaustive()
    }
}

/// Why a node is not distributed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DistributionError {
    /// Names have a part before one `@` and one behind it, and at most 255 bytes.
    #[error("`{0}` is no name of a node")]
    BadName(Arc<str>),
    /// Identities have at most 255 bytes.
    #[error("the identity of the deployment is too long")]
    BadIdentity,
    /// It cannot listen there.
    #[error("cannot listen on {0:?}: {1}")]
    Listen(Listen, #[source] io::Error),
    /// It is distributed already, or was.
    #[error("the node is distributed already")]
    AlreadyStarted,
}

/// A node that is distributed, for as long as this lives; when it is dropped, all connections are closed.
///
/// Source: OTP `net_kernel:start/2`.
pub struct Distribution {
    network: Arc<Network>,
    ports: Vec<u16>,
    net_kernel: Option<Pid>,
    node: Node,
    tasks: Vec<AbortHandle>,
}

#[cfg(test)]
impl Distribution {
    /// How many routes for native messages the node called `other` has offered.
    fn routes_to(&self, other: &str) -> usize {
        let other = self.node.node_id(other).ok();
        other.and_then(|other| self.network.connection(other)).map_or(0, |connection| connection.routes())
    }
}

impl Distribution {
    /// Has `node` talk to others from here on. To be called in a tokio runtime.
    ///
    /// # Errors
    /// See [`DistributionError`].
    pub async fn start(node: &Node, options: Options) -> Result<Self, DistributionError> {
        if !is_node_name(&options.name) {
            return Err(DistributionError::BadName(options.name));
        }
        if options.identity.len() > Announcement::LONGEST_IDENTITY {
            return Err(DistributionError::BadIdentity);
        }
        let mut listeners = Vec::new();
        for listen in &options.listen {
            let listener = Listener::bind(listen).await;
            listeners.push(listener.map_err(|error| DistributionError::Listen(listen.clone(), error))?);
        }
        let ports: Vec<u16> = listeners.iter().filter_map(Listener::port).collect();
        let local = Local {
            name: options.name.clone(),
            creation: node.creation(),
            flags: Flags::OURS,
            cookie: options.cookie,
            identity: options.identity,
        };
        if node.remote().is_some() {
            return Err(DistributionError::AlreadyStarted);
        }
        let network = Network::new(node, local, options.resolver);
        network.restrict(options.access);
        node.set_remote(network.clone());
        nodes::plug_in(node, &network);
        let every = options.net_ticktime / DEFAULT_NET_TICKINTENSITY;
        let mut tasks = vec![network.spawn(Network::tick(Arc::downgrade(&network), every))];
        for listener in listeners {
            tasks.push(network.spawn(listener.accept(Arc::downgrade(&network))));
        }
        if let (Some(epmd), Some(port)) = (options.epmd, ports.first()) {
            let name = options.name.split('@').next().unwrap_or_default().into();
            let registration = Registration { name, port: *port, is_hidden: true };
            tasks.push(network.spawn(epmd::keep_registered(epmd::local(epmd), registration)));
        }
        let net_kernel = net_kernel::start(node);
        share_groups(node);
        share_names(node);
        Ok(Self { network, ports, net_kernel, node: node.clone(), tasks })
    }

    /// The ports on which it listens, in the order of [`Options::listen`].
    pub fn ports(&self) -> &[u16] {
        &self.ports
    }
}

impl Drop for Distribution {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
        self.network.stop();
        if let Some(net_kernel) = self.net_kernel {
            self.node.kill(net_kernel);
        }
    }
}

impl fmt::Debug for Distribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Distribution").field("ports", &self.ports).finish_non_exhaustive()
    }
}
