//! The process table of a node: pids and registered names.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, RandomState};
use std::num::NonZeroU32;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::Pid;
use super::any_cell::AnyCell;
use super::slots::Slots;

/// Enough that two cores seldom meet in one; a power of two.
const SHARDS: usize = 64;

type AnyProcess = Arc<dyn AnyCell>;

/// The process table.
pub(super) struct Table {
    processes: Slots<AnyProcess>,
    names: Names,
}

impl Table {
    pub(super) fn new(creation: u32) -> Self {
        Self { processes: Slots::new(creation), names: Names::new() }
    }

    /// Adds the process that `make` makes around its pid.
    pub(super) fn insert<C: AnyCell>(&self, make: impl FnOnce(Pid) -> C) -> Arc<C> {
        self.processes.insert(|pid| {
            let process = Arc::new(make(pid));
            (process.clone() as AnyProcess, process)
        })
    }

    pub(super) fn remove(&self, pid: Pid) {
        self.processes.remove(pid);
    }

    pub(super) fn get(&self, pid: Pid) -> Option<AnyProcess> {
        self.processes.get(pid)
    }

    /// Whoever has the place of `id` now.
    pub(super) fn at(&self, id: NonZeroU32) -> Option<AnyProcess> {
        self.processes.at(id)
    }

    pub(super) fn all(&self) -> Vec<AnyProcess> {
        self.processes.all()
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

    pub(super) fn registered(&self) -> Vec<(Arc<str>, Pid)> {
        let shards = self.names.shards.iter();
        let mut registered = Vec::new();
        for shard in shards {
            let shard = shard.read().unwrap_or_else(PoisonError::into_inner);
            registered.extend(shard.iter().map(|(name, process)| (name.clone(), process.head().pid)));
        }
        registered
    }
}

type Named = HashMap<Arc<str>, AnyProcess>;

/// Who has which name.
struct Names {
    hasher: RandomState,
    shards: Box<[RwLock<Named>]>,
}

impl Names {
    fn new() -> Self {
        Self { hasher: RandomState::new(), shards: (0..SHARDS).map(|_| RwLock::default()).collect() }
    }

    fn shard(&self, name: &str) -> &RwLock<Named> {
        &self.shards[(self.hasher.hash_one(name) >> 32) as usize % SHARDS]
    }

    fn read(&self, name: &str) -> RwLockReadGuard<'_, Named> {
        self.shard(name).read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, name: &str) -> RwLockWriteGuard<'_, Named> {
        self.shard(name).write().unwrap_or_else(PoisonError::into_inner)
    }
}
