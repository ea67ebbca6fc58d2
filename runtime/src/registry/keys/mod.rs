//! Registries: processes found by keys, with values.
//!
//! Source: Elixir `Registry`.

mod meta;
mod store;
mod via;

#[cfg(test)]
mod tests;

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

pub use store::Key;
pub(crate) use via::Lookup;
pub use via::Via;

use super::{Protocol, Ref};
use crate::process::{Cell, Node, Pid, self_pid};
use store::{Sharing, Store};

/// A key has one process at a time.
#[derive(Debug)]
pub enum Unique {}

/// A key has any number of processes, and a process may register it several times.
#[derive(Debug)]
pub enum Duplicate {}

/// Processes by keys of the type `K`, each entry with a value of the type `V`.
///
/// A registry is a constant, as a [`Name`](super::Name) is, and its entries belong to the node. They vanish when their
/// process ends, before others are told of the end; a holder that has ended never keeps a key.
///
/// ```
/// # use umbrella::prelude::*;
/// struct Room {
///     talk: Vec<String>,
/// }
///
/// #[gen_server]
/// impl Room {
///     fn init() -> Self {
///         Self { talk: Vec::new() }
///     }
///
///     #[call]
///     fn say(&mut self, words: String) -> usize {
///         self.talk.push(words);
///         self.talk.len()
///     }
/// }
///
/// const ROOMS: Registry<u64> = Registry::unique("rooms");
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # let node = Node::new("example");
/// # runtime.block_on(node.clone().scope(async move {
/// let rooms = DynamicSupervisor::new().start().await?;
/// rooms.start_child(Room::child_spec(()).via(ROOMS.via(7))).await?;
/// assert_eq!(ROOMS.via::<Room>(7).say("hello".into()).await?, 1);
/// assert_eq!(ROOMS.via::<Room>(8).say("hello".into()).await, Err(CallError::NoProc));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # }))?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
///
/// Source: Elixir `Registry`.
/// Differs: Elixir's registry is a supervisor that must be started; this one needs no process, so nothing of it can
/// crash, and an entry is gone at once when its process has ended.
pub struct Registry<K, V = (), U = Unique> {
    name: &'static str,
    types: Types<K, V, U>,
}

/// Names the types of a registry without holding any of them.
type Types<K, V, U> = PhantomData<fn() -> (K, V, U)>;

/// Why a key was not registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegisterError {
    /// Only a process has keys.
    #[error("not called from a process")]
    NotAProcess,
    /// This process has the key.
    #[error("already registered by {0}")]
    AlreadyRegistered(Pid),
}

impl<K, V> Registry<K, V, Unique> {
    /// A registry in which a key has one process at a time.
    pub const fn unique(name: &'static str) -> Self {
        Self { name, types: PhantomData }
    }
}

impl<K, V> Registry<K, V, Duplicate> {
    /// A registry in which a key has any number of processes.
    pub const fn duplicate(name: &'static str) -> Self {
        Self { name, types: PhantomData }
    }
}

/// A store of its own for each kind, so that the same name in both is two registries.
struct Kept<K, V, U> {
    store: Arc<Store<K, V>>,
    kind: PhantomData<fn() -> U>,
}

impl<K, V, U> Default for Kept<K, V, U> {
    fn default() -> Self {
        Self { store: Arc::default(), kind: PhantomData }
    }
}

impl<K: Key, V: Clone + Send + Sync + 'static, U: 'static> Registry<K, V, U> {
    fn store(&self, node: &Node) -> Arc<Store<K, V>> {
        node.extensions().get::<Kept<K, V, U>>(self.name).store.clone()
    }

    fn register_as(&self, sharing: Sharing, key: K, value: V) -> Result<(), RegisterError> {
        let node = Node::current().ok_or(RegisterError::NotAProcess)?;
        let process = self_pid().and_then(|pid| node.process(pid)).ok_or(RegisterError::NotAProcess)?;
        self.store(&node).register(&process, key, value, sharing).map_err(RegisterError::AlreadyRegistered)
    }

    fn entries(&self, key: &K) -> Vec<(Pid, V)> {
        let Some(node) = Node::current() else { return Vec::new() };
        self.store(&node).lookup(key).iter().map(|entry| (entry.pid(), (*entry.value).clone())).collect()
    }

    /// References to the processes under `key` that speak `P`, with their values.
    pub fn refs<P: Protocol>(&self, key: &K) -> Vec<(Ref<P>, V)> {
        let Some(node) = Node::current() else { return Vec::new() };
        let typed = self.store(&node).lookup(key).into_iter().filter_map(|entry| {
            let cell = entry.process.into_any().downcast::<Cell<P::Message>>().ok()?;
            Some((Ref::new(cell), (*entry.value).clone()))
        });
        typed.collect()
    }

    /// Takes `key` from the running process, with all its entries; nothing happens if it has none.
    ///
    /// Source: Elixir `Registry.unregister/2`.
    pub fn unregister(&self, key: &K) {
        self.unregister_match(key, |_| true);
    }

    /// Takes from the running process those of its entries under `key` whose value is `wanted`.
    ///
    /// Source: Elixir `Registry.unregister_match/4`.
    pub fn unregister_match(&self, key: &K, wanted: impl FnMut(&V) -> bool) {
        if let Some(node) = Node::current()
            && let Some(process) = self_pid().and_then(|pid| node.process(pid))
        {
            self.store(&node).unregister(&process, key, wanted);
        }
    }

    /// The values that `pid` has under `key`, in the order in which they were registered; none if it has not the key.
    ///
    /// Source: Elixir `Registry.values/3`.
    pub fn values(&self, key: &K, pid: Pid) -> Vec<V> {
        let mut entries = self.entries(key);
        entries.retain(|(holder, _)| *holder == pid);
        entries.into_iter().map(|(_, value)| value).collect()
    }

    /// The keys of `pid`, each as often as it is registered, in no order.
    ///
    /// Source: Elixir `Registry.keys/2`.
    pub fn keys(&self, pid: Pid) -> Vec<K> {
        let Some(node) = Node::current() else { return Vec::new() };
        let Some(process) = node.process(pid) else { return Vec::new() };
        self.store(&node).registrations(&process).iter().map(|mine| mine.key.clone()).collect()
    }

    /// How many entries there are.
    ///
    /// Source: Elixir `Registry.count/1`.
    pub fn count(&self) -> usize {
        Node::current().map_or(0, |node| self.store(&node).all().len())
    }

    /// How many entries under `key` have a value that is `wanted`.
    ///
    /// Source: Elixir `Registry.count_match/4`.
    pub fn count_match(&self, key: &K, mut wanted: impl FnMut(Pid, &V) -> bool) -> usize {
        let Some(node) = Node::current() else { return 0 };
        let entries = self.store(&node).lookup(key);
        entries.iter().filter(|entry| wanted(entry.pid(), &entry.value)).count()
    }

    /// How many entries are `wanted`.
    ///
    /// Source: Elixir `Registry.count_select/2`.
    pub fn count_select(&self, mut wanted: impl FnMut(&K, Pid, &V) -> bool) -> usize {
        self.select(|key, pid, value| wanted(key, pid, value).then_some(())).len()
    }

    /// What `choose` makes of each entry, in no order; entries of which it makes nothing are left out.
    ///
    /// Source: Elixir `Registry.select/2`, `match/4`.
    pub fn select<T>(&self, mut choose: impl FnMut(&K, Pid, &V) -> Option<T>) -> Vec<T> {
        let Some(node) = Node::current() else { return Vec::new() };
        let all = self.store(&node).all();
        all.iter().filter_map(|entry| choose(&entry.registration.key, entry.pid(), &entry.value)).collect()
    }
}

impl<K: Key, V: Clone + Send + Sync + 'static> Registry<K, V, Unique> {
    /// Gives `key` to the running process, with `value`.
    ///
    /// Source: Elixir `Registry.register/3`.
    ///
    /// # Errors
    /// [`RegisterError::AlreadyRegistered`] if a process has the key, this one too; [`RegisterError::NotAProcess`].
    pub fn register(&self, key: K, value: V) -> Result<(), RegisterError> {
        self.register_as(Sharing::Exclusive, key, value)
    }
}

impl<K: Key, V: Clone + Send + Sync + 'static> Registry<K, V, Duplicate> {
    /// Registers the running process under `key`, with `value`, once more if it is already.
    ///
    /// Source: Elixir `Registry.register/3`.
    ///
    /// # Errors
    /// [`RegisterError::NotAProcess`].
    pub fn register(&self, key: K, value: V) -> Result<(), RegisterError> {
        self.register_as(Sharing::Shared, key, value)
    }

    /// The processes under `key` and their values, in the order in which they were registered.
    ///
    /// Source: Elixir `Registry.lookup/2`.
    pub fn lookup(&self, key: &K) -> Vec<(Pid, V)> {
        self.entries(key)
    }

    /// Gives `act` the processes under `key` and their values, unless there are none.
    ///
    /// Source: Elixir `Registry.dispatch/3`.
    pub fn dispatch(&self, key: &K, act: impl FnOnce(Vec<(Pid, V)>)) {
        let entries = self.entries(key);
        if !entries.is_empty() {
            act(entries);
        }
    }
}

impl<K, V, U> Clone for Registry<K, V, U> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V, U> Copy for Registry<K, V, U> {}

impl<K, V, U> fmt::Debug for Registry<K, V, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Registry").field(&self.name).finish()
    }
}
