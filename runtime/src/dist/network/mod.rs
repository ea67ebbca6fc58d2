//! The connections of a node: which there are, how they begin and end.

mod accept;
mod dial;
mod handshake;
mod remote;
mod retry;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{
    Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak,
};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::{AbortHandle, JoinHandle};

use super::access::{Access, Permissions};
use super::connection::{Connection, Dial, Lost, Names};
use super::events::{NodeEvent, NodeEvents};
use super::handshake::{Local, Peer};
use super::resolver::Resolver;
use crate::process::{self, IdHash, Node, NodeId, WeakNode};
use accept::Pending;
pub(crate) use accept::accept;
use retry::Attempts;

/// What all connections of a node share.
pub(crate) struct Network {
    myself: Weak<Self>,
    node: WeakNode,
    local: Local,
    resolver: Arc<dyn Resolver>,
    runtime: Handle,
    connections: RwLock<HashMap<NodeId, Arc<Connection>, IdHash>>,
    attempts: Mutex<Attempts>,
    pending: Pending,
    is_stopped: AtomicBool,
    events: Arc<NodeEvents>,
    /// Everybody may do what is exported as long as nobody has said otherwise.
    access: OnceLock<Access>,
}

impl Network {
    pub(crate) fn new(node: &Node, local: Local, resolver: Arc<dyn Resolver>) -> Arc<Self> {
        Arc::new_cyclic(|myself| Self {
            myself: myself.clone(),
            node: node.downgrade(),
            local,
            resolver,
            runtime: Handle::current(),
            connections: RwLock::default(),
            attempts: Mutex::default(),
            pending: Pending::default(),
            is_stopped: AtomicBool::new(false),
            events: node.extensions().get(""),
            access: OnceLock::new(),
        })
    }

    /// Says what others may have this node do; before there are any.
    pub(crate) fn restrict(&self, access: Access) {
        let _first = self.access.set(access);
    }

    /// What `peer` may have this node do, unless it is whatever is exported.
    pub(crate) fn permissions(&self, peer: &Peer) -> Option<Permissions> {
        // Umbrella nodes of other deployments were refused.
        let is_of_this_deployment = peer.announcement.is_some();
        self.access.get()?.of(&peer.name, is_of_this_deployment)
    }

    fn read(&self) -> RwLockReadGuard<'_, HashMap<NodeId, Arc<Connection>, IdHash>> {
        self.connections.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<NodeId, Arc<Connection>, IdHash>> {
        self.connections.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn attempts(&self) -> MutexGuard<'_, Attempts> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a part of a connection, which is no process, as a port of OTP is none.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) -> AbortHandle {
        let task: JoinHandle<()> = self.runtime.spawn(task);
        task.abort_handle()
    }

    /// The connection to `to`, if there is one or one is being made.
    pub(super) fn connection(&self, to: NodeId) -> Option<Arc<Connection>> {
        self.read().get(&to).cloned()
    }

    /// The connection to `to`; one that is being made from here on if there is none, unless it failed just now.
    pub(super) fn connect(&self, to: NodeId) -> Option<Arc<Connection>> {
        self.connection(to).or_else(|| self.begin(to, false))
    }

    /// The same for those who have something to send: while a node that was lost is tried again, it is not there, and
    /// nobody waits for what may take as long as a handshake may.
    pub(super) fn way_to(&self, to: NodeId) -> Option<Arc<Connection>> {
        let connection = self.connect(to)?;
        (connection.is_open() || !self.attempts().is_missed(to)).then_some(connection)
    }

    /// Begins to connect to `to`; `anyway` even if it failed just now.
    fn begin(&self, to: NodeId, anyway: bool) -> Option<Arc<Connection>> {
        let (network, node) = (self.myself.upgrade()?, self.node.upgrade()?);
        if to == NodeId::HERE || self.is_stopped() {
            return None;
        }
        if !anyway && !self.attempts().may_begin(to) {
            return None;
        }
        let connection = {
            let mut connections = self.write();
            if let Some(known) = connections.get(&to) {
                return Some(known.clone());
            }
            let connection = self.make(&node, to, Dial::Fresh)?;
            connections.insert(to, connection.clone());
            connection
        };
        let dialled = connection.clone();
        self.spawn(async move { network.dial(dialled).await });
        Some(connection)
    }

    fn make(&self, node: &Node, to: NodeId, dial: Dial) -> Option<Arc<Connection>> {
        let names = Names::new(node, &self.local.name, to, node.node_name(to)?);
        Some(Connection::new(node, self.myself.clone(), names, dial))
    }

    /// A connection is no more, or was not made.
    pub(super) fn lost(&self, connection: &Arc<Connection>, why: &Lost) {
        let to = connection.names().to;
        {
            let mut connections = self.write();
            match connections.get(&to) {
                Some(known) if Arc::ptr_eq(known, connection) => drop(connections.remove(&to)),
                // Somebody else saw it first.
                Some(_) | None => return,
            }
        }
        // First, so that whoever is told that it is lost does not choose it again.
        let again = self.note_failed(to, connection.is_open(), why);
        self.end(connection, why);
        if let Some(at) = again {
            self.try_again(to, at);
        }
    }

    /// Closes a connection that is in no table any more.
    fn end(&self, connection: &Arc<Connection>, why: &Lost) {
        let name = &connection.names().name;
        let (was_open, own) = (connection.is_open(), &self.local.name);
        if matches!(why, Lost::Stopped | Lost::Disconnected) {
            tracing::debug!(target: "umbrella::dist", "{own}: no connection to {name} any more: {why}");
        } else if was_open {
            tracing::warn!(target: "umbrella::dist", "{own}: the connection to {name} was lost: {why}");
        } else {
            tracing::info!(target: "umbrella::dist", "{own}: no connection to {name}: {why}");
        }
        if let Some(node) = self.node.upgrade() {
            node.enter(|| connection.close(&node, why));
            if was_open {
                node.node_event(process::NodeEvent::Down(connection.names().to));
                self.events.tell(&node, &NodeEvent::Down(name.clone()));
            }
        }
    }

    /// A connection is there.
    fn opened(&self, connection: &Arc<Connection>) {
        let names = connection.names();
        self.attempts().succeeded(names.to);
        tracing::info!(target: "umbrella::dist", "{}: connected to {}", self.local.name, names.name);
        if let Some(node) = self.node.upgrade() {
            if connection.may_share() {
                node.node_event(process::NodeEvent::Up(names.to));
            }
            self.events.tell(&node, &NodeEvent::Up(names.name.clone()));
        }
    }

    /// Has all connections say that this side lives, and looks for those whose other side does not.
    pub(crate) async fn tick(network: Weak<Self>, every: Duration) {
        let mut ticks = tokio::time::interval(every);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let Some(network) = network.upgrade() else { return };
            let connections: Vec<_> = network.read().values().cloned().collect();
            for connection in connections {
                connection.tick();
            }
        }
    }

    /// The full names of the nodes that are connected, in no order.
    pub(super) fn connected(&self) -> Vec<Arc<str>> {
        let connections = self.read();
        let open = connections.values().filter(|connection| connection.is_open());
        open.map(|connection| connection.names().name.clone()).collect()
    }

    /// Closes the connection to `to`, which is not tried again: whether there was one.
    pub(super) fn disconnect(&self, to: NodeId) -> bool {
        let connection = self.connection(to);
        if let Some(connection) = &connection {
            self.lost(connection, &Lost::Disconnected);
        }
        connection.is_some()
    }

    fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Relaxed)
    }

    /// Closes every connection, and makes none any more.
    pub(crate) fn stop(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
        let connections: Vec<_> = self.write().drain().map(|(_, connection)| connection).collect();
        for connection in connections {
            self.end(&connection, &Lost::Stopped);
        }
    }
}
