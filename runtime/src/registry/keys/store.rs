//! The entries of one registry of one node.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::process::{AnyCell, Pid, Place};

/// Enough that two cores seldom meet in one.
const SHARDS: usize = 16;

/// What can be a key.
pub trait Key: Eq + Hash + Clone + Send + Sync + 'static {}

impl<K: Eq + Hash + Clone + Send + Sync + 'static> Key for K {}

/// The entries, by key. Only keys are compared and hashed under a lock; values are neither cloned nor dropped there.
pub(super) struct Store<K, V> {
    hasher: RandomState,
    shards: [RwLock<HashMap<K, Entries<K, V>>>; SHARDS],
    next: AtomicU64,
}

/// What stands under one key.
enum Entries<K, V> {
    One(Entry<K, V>),
    /// By the number of their registration.
    Many(BTreeMap<u64, Entry<K, V>>),
}

/// A process under a key.
pub(super) struct Entry<K, V> {
    pub(super) registration: Arc<Registration<K, V>>,
    pub(super) process: Arc<dyn AnyCell>,
    pub(super) value: Arc<V>,
}

/// The place of a process under a key.
pub(super) struct Registration<K, V> {
    store: Arc<Store<K, V>>,
    pub(super) key: K,
    number: u64,
}

/// Whether a key may have more than one entry.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sharing {
    Exclusive,
    Shared,
}

impl<K: Key, V: Send + Sync + 'static> Place for Registration<K, V> {
    fn lost(self: Arc<Self>, _pid: Pid) {
        self.store.remove(&self);
    }
}

impl<K, V> Clone for Entry<K, V> {
    fn clone(&self) -> Self {
        let Self { registration, process, value } = self;
        Self { registration: registration.clone(), process: process.clone(), value: value.clone() }
    }
}

impl<K, V> Entry<K, V> {
    pub(super) fn pid(&self) -> Pid {
        self.process.head().pid
    }
}

impl<K, V> Default for Store<K, V> {
    fn default() -> Self {
        let shards = std::array::from_fn(|_| RwLock::default());
        Self { hasher: RandomState::new(), shards, next: AtomicU64::new(0) }
    }
}

impl<K, V> Entries<K, V> {
    fn iter(&self) -> impl Iterator<Item = &Entry<K, V>> {
        let (one, many) = match self {
            Self::One(entry) => (Some(entry), None),
            Self::Many(entries) => (None, Some(entries.values())),
        };
        one.into_iter().chain(many.into_iter().flatten())
    }

    /// Who has the key and lives.
    fn living(&self) -> Option<Pid> {
        self.iter().find(|entry| entry.process.exit_reason().is_none()).map(Entry::pid)
    }

    fn add(self, entry: Entry<K, V>) -> Self {
        let mut entries = match self {
            Self::One(first) => BTreeMap::from([(first.registration.number, first)]),
            Self::Many(entries) => entries,
        };
        entries.insert(entry.registration.number, entry);
        Self::Many(entries)
    }
}

impl<K: Key, V: Send + Sync + 'static> Store<K, V> {
    fn shard(&self, key: &K) -> &RwLock<HashMap<K, Entries<K, V>>> {
        &self.shards[self.hasher.hash_one(key) as usize % SHARDS]
    }

    fn read(&self, key: &K) -> RwLockReadGuard<'_, HashMap<K, Entries<K, V>>> {
        self.shard(key).read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, key: &K) -> RwLockWriteGuard<'_, HashMap<K, Entries<K, V>>> {
        self.shard(key).write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Registers `process`, or says who has the key to itself. Whoever has ended has it no more.
    pub(super) fn register(
        self: &Arc<Self>,
        process: &Arc<dyn AnyCell>,
        key: K,
        value: V,
        sharing: Sharing,
    ) -> Result<(), Pid> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let registration = Arc::new(Registration { store: self.clone(), key: key.clone(), number });
        let entry =
            Entry { registration: registration.clone(), process: process.clone(), value: Arc::new(value) };
        let mut shard = self.write(&key);
        let replaced = match (shard.remove(&key), sharing) {
            (None, _) => shard.insert(key, Entries::One(entry)),
            (Some(entries), Sharing::Shared) => shard.insert(key, entries.add(entry)),
            (Some(entries), Sharing::Exclusive) => {
                if let Some(holder) = entries.living() {
                    shard.insert(key, entries);
                    return Err(holder);
                }
                shard.insert(key, Entries::One(entry));
                Some(entries)
            }
        };
        drop(shard);
        // Its values are the user's.
        drop(replaced);
        let place: Arc<dyn Place> = registration.clone();
        if !process.add_place(&place) {
            // Ended in between, without knowing of this place.
            self.remove(&registration);
        }
        Ok(())
    }

    /// Removes an entry, unless another one took its place.
    fn remove(&self, registration: &Registration<K, V>) {
        let mut shard = self.write(&registration.key);
        let removed = match shard.remove(&registration.key) {
            Some(Entries::Many(mut entries)) => {
                let removed = entries.remove(&registration.number);
                if !entries.is_empty() {
                    shard.insert(registration.key.clone(), Entries::Many(entries));
                }
                removed
            }
            Some(Entries::One(entry)) if entry.registration.number == registration.number => Some(entry),
            Some(other) => {
                shard.insert(registration.key.clone(), other);
                None
            }
            None => None,
        };
        drop(shard);
        drop(removed);
    }

    /// Removes the entries of `process` under `key` whose value is `wanted`.
    pub(super) fn unregister(
        self: &Arc<Self>,
        process: &Arc<dyn AnyCell>,
        key: &K,
        mut wanted: impl FnMut(&V) -> bool,
    ) {
        let pid = process.head().pid;
        for mine in self.lookup(key).iter().filter(|entry| entry.pid() == pid && wanted(&entry.value)) {
            let number = mine.registration.number;
            let is_it = |place: &Registration<K, V>| place.number == number && place.is_in(self);
            if let Some(registration) = process.take_place(is_it) {
                self.remove(&registration);
            }
        }
    }

    /// The places of `process` here.
    pub(super) fn registrations(
        self: &Arc<Self>,
        process: &Arc<dyn AnyCell>,
    ) -> Vec<Arc<Registration<K, V>>> {
        let mut registrations = process.places::<Registration<K, V>>();
        registrations.retain(|registration| registration.is_in(self));
        registrations
    }

    /// The entries under `key` whose processes have not ended.
    pub(super) fn lookup(&self, key: &K) -> Vec<Entry<K, V>> {
        let entries: Vec<_> = match self.read(key).get(key) {
            Some(entries) => entries.iter().cloned().collect(),
            None => Vec::new(),
        };
        entries.into_iter().filter(|entry| entry.process.exit_reason().is_none()).collect()
    }

    /// Puts another value in the place of that of `entry`, and says whether it is still registered.
    pub(super) fn update(&self, entry: &Entry<K, V>, value: Arc<V>) -> bool {
        let mut shard = self.write(&entry.registration.key);
        let Some(Entries::One(now)) = shard.get_mut(&entry.registration.key) else { return false };
        let is_it = now.registration.number == entry.registration.number;
        let old = is_it.then(|| std::mem::replace(&mut now.value, value));
        drop(shard);
        old.is_some()
    }

    /// All entries, in no order.
    pub(super) fn all(&self) -> Vec<Entry<K, V>> {
        let mut all = Vec::new();
        for shard in &self.shards {
            let shard = shard.read().unwrap_or_else(PoisonError::into_inner);
            all.extend(shard.values().flat_map(|entries| entries.iter().cloned()));
        }
        all
    }
}

impl<K, V> Registration<K, V> {
    fn is_in(&self, store: &Arc<Store<K, V>>) -> bool {
        Arc::ptr_eq(&self.store, store)
    }
}
