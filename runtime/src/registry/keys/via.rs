//! Servers that are found by a key.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use super::store::{Key, Sharing};
use super::{Registry, Unique};
use crate::process::{AnyCell, Node, Pid, self_pid};
use crate::registry::address::Target;
use crate::registry::{Address, Client, Protocol, Ref};

/// What finds a process by something other than its name, and gives it to one.
pub(crate) trait Lookup: Send + Sync {
    /// The process that has it now.
    fn find(&self) -> Option<Arc<dyn AnyCell>>;
    /// Gives it to `process`, or says who has it.
    fn register(&self, process: &Arc<dyn AnyCell>) -> Result<(), Pid>;
}

/// The process under a key of a registry, looked up on every use; it speaks the protocol `P`.
///
/// It dereferences to the client methods of `P`, survives restarts as a [`Name`](crate::registry::Name) does, and names a
/// server that is started with it.
///
/// Source: Elixir `{:via, Registry, {registry, key}}`.
pub struct Via<P: Protocol> {
    lookup: Arc<dyn Lookup>,
    client: P::Client,
}

impl<P: Protocol> Via<P> {
    fn new(lookup: Arc<dyn Lookup>) -> Self {
        let client = P::Client::new(Address(Target::Via(lookup.clone())));
        Self { lookup, client }
    }

    /// The process that has the key now.
    pub fn pid(this: &Self) -> Option<Pid> {
        this.client.address().pid()
    }

    pub(crate) fn lookup(this: &Self) -> &Arc<dyn Lookup> {
        &this.lookup
    }
}

impl<P: Protocol> Deref for Via<P> {
    type Target = P::Client;

    fn deref(&self) -> &P::Client {
        &self.client
    }
}

impl<P: Protocol> Clone for Via<P> {
    fn clone(&self) -> Self {
        Self::new(self.lookup.clone())
    }
}

impl<P: Protocol> fmt::Debug for Via<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Via").field("pid", &Self::pid(self)).finish()
    }
}

/// A key, and the value that is registered with it.
struct Keyed<K, V> {
    registry: Registry<K, V>,
    key: K,
    value: V,
}

impl<K: Key, V: Clone + Send + Sync + 'static> Lookup for Keyed<K, V> {
    fn find(&self) -> Option<Arc<dyn AnyCell>> {
        let store = self.registry.store(&Node::current()?);
        store.lookup(&self.key).into_iter().next().map(|entry| entry.process)
    }

    fn register(&self, process: &Arc<dyn AnyCell>) -> Result<(), Pid> {
        let store = self.registry.store(&process.head().node);
        store.register(process, self.key.clone(), self.value.clone(), Sharing::Exclusive)
    }
}

impl<K: Key, V: Clone + Send + Sync + 'static> Registry<K, V, Unique> {
    /// The server under `key`: to be called, and to be started with.
    pub fn via<P: Protocol>(&self, key: K) -> Via<P>
    where
        V: Default,
    {
        self.via_with(key, V::default())
    }

    /// As [`via`](Self::via), with the value that is registered when a server is started with it.
    pub fn via_with<P: Protocol>(&self, key: K, value: V) -> Via<P> {
        Via::new(Arc::new(Keyed { registry: *self, key, value }))
    }

    /// The process under `key` and its value.
    ///
    /// Source: Elixir `Registry.lookup/2`.
    pub fn lookup(&self, key: &K) -> Option<(Pid, V)> {
        self.entries(key).into_iter().next()
    }

    /// A reference to the process under `key`, if it speaks `P`.
    ///
    /// Source: Elixir `Registry.whereis_name/1`.
    pub fn whereis<P: Protocol>(&self, key: &K) -> Option<Ref<P>> {
        self.refs(key).into_iter().next().map(|(found, _)| found)
    }

    /// Changes the value of the running process under `key`, and gives the new and the old one; nothing if it has not
    /// registered the key.
    ///
    /// Source: Elixir `Registry.update_value/3`.
    pub fn update_value(&self, key: &K, change: impl FnOnce(&V) -> V) -> Option<(V, V)> {
        let store = self.store(&Node::current()?);
        let entry = store.lookup(key).into_iter().find(|entry| Some(entry.pid()) == self_pid())?;
        let value = Arc::new(change(&entry.value));
        let is_registered = store.update(&entry, value.clone());
        is_registered.then(|| ((*value).clone(), (*entry.value).clone()))
    }
}
