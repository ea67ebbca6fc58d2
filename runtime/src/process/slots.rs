//! Slots: where the processes of a node are found by their pids.
//!
//! A pid says which slot its process has and which use of the slot it is, so that finding, adding, and removing one is an
//! index into a vector, whatever the number of processes: no hashing, and 24 bytes for each.
//!
//! Slots are spread over shards in turn, and within a shard the slot that was freed first is used again first, so that
//! it takes long until a slot comes to its next use.

use std::mem;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::Pid;

/// Enough that two cores seldom meet in one; a power of two.
const SHARDS: u32 = 64;

/// The slots of one node, each empty or holding a `T`.
pub(super) struct Slots<T> {
    creation: u32,
    /// The shard that the next process goes to.
    turn: AtomicU32,
    shards: Box<[RwLock<Shard<T>>]>,
}

struct Shard<T> {
    slots: Vec<Slot<T>>,
    /// The slot that was freed first; the others follow it.
    first_free: Option<u32>,
    last_free: u32,
}

struct Slot<T> {
    /// Which use of the slot this is, or the next one will be.
    serial: u32,
    content: Content<T>,
}

enum Content<T> {
    Used(T),
    /// Two words at most, so that a slot is three.
    Free {
        next: Option<u32>,
    },
}

impl<T: Clone> Slots<T> {
    pub(super) fn new(creation: u32) -> Self {
        Self { creation, turn: AtomicU32::new(0), shards: (0..SHARDS).map(|_| RwLock::default()).collect() }
    }

    /// Puts what `make` makes of its pid into a free slot.
    pub(super) fn insert<R>(&self, make: impl FnOnce(Pid) -> (T, R)) -> R {
        let number = self.turn.fetch_add(1, Ordering::Relaxed) % SHARDS;
        let mut shard = self.write(number);
        let (index, serial) = shard.take_free();
        let (content, made) = make(self.pid(number, index, serial));
        shard.slots[index as usize].content = Content::Used(content);
        made
    }

    /// What is in the slot of `id`, whichever use of it this is.
    pub(super) fn at(&self, id: NonZeroU32) -> Option<T> {
        let (number, index) = place(id);
        match &self.read(number).slots.get(index)?.content {
            Content::Used(content) => Some(content.clone()),
            Content::Free { .. } => None,
        }
    }

    pub(super) fn get(&self, pid: Pid) -> Option<T> {
        let (number, index) = self.place(pid)?;
        match self.read(number).slots.get(index) {
            Some(Slot { serial, content: Content::Used(content) }) if *serial == pid.serial() => {
                Some(content.clone())
            }
            _ => None,
        }
    }

    /// Empties the slot of `pid`; nothing happens if it is another's by now.
    pub(super) fn remove(&self, pid: Pid) -> Option<T> {
        let (number, index) = self.place(pid)?;
        self.write(number).free(index, pid.serial())
    }

    /// What is in the slots, in no order.
    pub(super) fn all(&self) -> Vec<T> {
        let mut all = Vec::new();
        for number in 0..SHARDS {
            all.extend(self.read(number).slots.iter().filter_map(|slot| match &slot.content {
                Content::Used(content) => Some(content.clone()),
                Content::Free { .. } => None,
            }));
        }
        all
    }

    fn pid(&self, number: u32, index: u32, serial: u32) -> Pid {
        let id = NonZeroU32::MIN.saturating_add(index * SHARDS + number);
        Pid::local(id, serial, self.creation)
    }

    /// The shard and the index that a pid of this node names.
    fn place(&self, pid: Pid) -> Option<(u32, usize)> {
        let is_mine = !pid.is_far() && pid.creation() == self.creation;
        is_mine.then(|| NonZeroU32::new(pid.id()).map(place))?
    }

    fn read(&self, number: u32) -> RwLockReadGuard<'_, Shard<T>> {
        self.shards[number as usize].read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, number: u32) -> RwLockWriteGuard<'_, Shard<T>> {
        self.shards[number as usize].write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The shard and the index that `id` stands for.
fn place(id: NonZeroU32) -> (u32, usize) {
    let place = id.get() - 1;
    (place % SHARDS, (place / SHARDS) as usize)
}

impl<T> Shard<T> {
    /// A free slot, the one that has been free for longest, and the serial of its next use.
    fn take_free(&mut self) -> (u32, u32) {
        let Some(index) = self.first_free else {
            self.slots.push(Slot { serial: 0, content: Content::Free { next: None } });
            return (self.slots.len() as u32 - 1, 0);
        };
        let slot = &self.slots[index as usize];
        self.first_free = match slot.content {
            Content::Free { next } => next,
            Content::Used(_) => None,
        };
        (index, slot.serial)
    }

    fn free(&mut self, index: usize, serial: u32) -> Option<T> {
        let slot = self.slots.get_mut(index)?;
        if slot.serial != serial || matches!(slot.content, Content::Free { .. }) {
            return None;
        }
        slot.serial = slot.serial.wrapping_add(1);
        let content = mem::replace(&mut slot.content, Content::Free { next: None });
        let index = index as u32;
        match self.first_free {
            None => self.first_free = Some(index),
            Some(_) => self.slots[self.last_free as usize].content = Content::Free { next: Some(index) },
        }
        self.last_free = index;
        match content {
            Content::Used(content) => Some(content),
            Content::Free { .. } => None,
        }
    }
}

impl<T> Default for Shard<T> {
    fn default() -> Self {
        Self { slots: Vec::new(), first_free: None, last_free: 0 }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::process::AnyCell;

    #[test]
    fn a_process_costs_its_node_24_bytes() {
        assert_eq!(size_of::<Slot<Arc<dyn AnyCell>>>(), 24);
    }

    #[test]
    fn the_slot_freed_first_is_used_again_first() {
        let mut shard = Shard::default();
        for index in 0..3 {
            assert_eq!(shard.take_free(), (index, 0));
            shard.slots[index as usize].content = Content::Used(());
        }
        for index in [1, 0, 2] {
            assert_eq!(shard.free(index, 0), Some(()));
            assert_eq!(shard.free(index, 0), None);
        }
        assert_eq!([shard.take_free(), shard.take_free(), shard.take_free()], [(1, 1), (0, 1), (2, 1)]);
        assert_eq!(shard.take_free(), (3, 0));
    }

    proptest! {
        /// Whatever comes and goes, each pid finds what was put there, and nothing after it was removed.
        #[test]
        fn slots_are_a_map_whose_keys_are_never_used_again(steps in prop::collection::vec(any::<Option<u8>>(), 1..400)) {
            let slots = Slots::new(7);
            let (mut alive, mut gone) = (HashMap::new(), Vec::new());
            for (number, step) in steps.into_iter().enumerate() {
                match step {
                    None => {
                        let pid = slots.insert(|pid| (number, pid));
                        prop_assert!(alive.insert(pid, number).is_none() && !gone.contains(&pid));
                    }
                    Some(which) => {
                        let Some(pid) = alive.keys().nth(usize::from(which)).copied() else { continue };
                        prop_assert_eq!(slots.remove(pid), alive.remove(&pid));
                        gone.push(pid);
                    }
                }
            }
            prop_assert_eq!(slots.all().len(), alive.len());
            for (pid, number) in alive {
                prop_assert_eq!(slots.get(pid), Some(number));
            }
            for pid in gone {
                prop_assert_eq!((slots.get(pid), slots.remove(pid)), (None, None));
            }
        }
    }
}
