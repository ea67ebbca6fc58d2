//! The process table of a node: pids and registered names.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::Pid;
use super::cell::AnyCell;

/// Enough that two cores seldom meet in one; a power of two.
const SHARDS: usize = 64;

type AnyProcess = Arc<dyn AnyCell>;

/// The process table.
pub(super) struct Table {
    processes: Sharded<Pid, AnyProcess>,
    names: Sharded<Arc<str>, AnyProcess>,
}

impl Table {
    pub(super) fn new() -> Self {
        Self { processes: Sharded::new(), names: Sharded::new() }
    }

    pub(super) fn insert(&self, process: AnyProcess) {
        let pid = process.head().pid;
        self.processes.write(&pid).insert(pid, process);
    }

    pub(super) fn remove(&self, pid: Pid) {
        self.processes.write(&pid).remove(&pid);
    }

    pub(super) fn get(&self, pid: Pid) -> Option<AnyProcess> {
        self.processes.read(&pid).get(&pid).cloned()
    }

    pub(super) fn all(&self) -> Vec<AnyProcess> {
        self.processes.values()
    }

    /// Gives `name` to `process`, or says who has it.
    pub(super) fn register(&self, name: Arc<str>, process: &AnyProcess) -> Result<(), Pid> {
        match self.names.write(&name).entry(name) {
            Entry::Occupied(taken) => Err(taken.get().head().pid),
            Entry::Vacant(free) => {
                free.insert(process.clone());
                Ok(())
            }
        }
    }

    /// Frees `name` if it is still the name of `pid`.
    pub(super) fn unregister(&self, name: &Arc<str>, pid: Pid) {
        let mut names = self.names.write(name);
        if names.get(name).is_some_and(|process| process.head().pid == pid) {
            names.remove(name);
        }
    }

    pub(super) fn whereis(&self, name: &str) -> Option<AnyProcess> {
        self.names.read(name).get(name).cloned()
    }
}

struct Sharded<K, V> {
    hasher: RandomState,
    shards: Box<[RwLock<HashMap<K, V>>]>,
}

impl<K: Hash + Eq, V: Clone> Sharded<K, V> {
    fn new() -> Self {
        Self { hasher: RandomState::new(), shards: (0..SHARDS).map(|_| RwLock::default()).collect() }
    }

    fn shard<Q: Hash + ?Sized>(&self, key: &Q) -> &RwLock<HashMap<K, V>> {
        let hash = self.hasher.hash_one(key);
        &self.shards[(hash >> 32) as usize % SHARDS]
    }

    fn read<Q: Hash + ?Sized>(&self, key: &Q) -> RwLockReadGuard<'_, HashMap<K, V>>
    where
        K: Borrow<Q>,
    {
        self.shard(key).read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write<Q: Hash + ?Sized>(&self, key: &Q) -> RwLockWriteGuard<'_, HashMap<K, V>>
    where
        K: Borrow<Q>,
    {
        self.shard(key).write().unwrap_or_else(PoisonError::into_inner)
    }

    fn values(&self) -> Vec<V> {
        let shards = self.shards.iter();
        shards
            .flat_map(|shard| {
                shard.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect::<Vec<_>>()
            })
            .collect()
    }
}
