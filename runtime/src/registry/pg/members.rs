//! The members of one group: dense, so that a broadcast walks an array, and shared, so that it holds no lock.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::group_state::GroupState;
use super::peers::take_each;
use crate::process::{AnyCell, Pid, Place};

/// A join or a leave during a broadcast copies so many slots, and no more.
const CHUNK: usize = 512;

/// Who has joined, once for each time. About 250 bytes a member: 24 here, the rest with the process.
#[derive(Default)]
pub(super) struct Members {
    /// All full but the last.
    chunks: Vec<Arc<Vec<Slot>>>,
    /// Those of other nodes.
    far: Arc<Vec<Pid>>,
}

#[derive(Clone)]
struct Slot {
    process: Arc<dyn AnyCell>,
    member: Arc<Member>,
}

/// One membership: the place of a process in a group.
pub(super) struct Member {
    pub(super) group: Arc<GroupState>,
    /// The index of its slot; changed only under the lock of the group.
    at: AtomicUsize,
}

impl Member {
    pub(super) fn new(group: Arc<GroupState>) -> Arc<Self> {
        Arc::new(Self { group, at: AtomicUsize::new(usize::MAX) })
    }
}

impl Place for Member {
    fn lost(self: Arc<Self>, pid: Pid) {
        self.group.clone().remove(&[(pid, self)]);
    }
}

impl Members {
    /// Of this node.
    fn len(&self) -> usize {
        self.chunks.last().map_or(0, |last| (self.chunks.len() - 1) * CHUNK + last.len())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.chunks.is_empty() && self.far.is_empty()
    }

    pub(super) fn push_far(&mut self, pids: &[Pid]) {
        Arc::make_mut(&mut self.far).extend(pids);
    }

    /// Removes those of `pids` that are members, and says which were.
    pub(super) fn remove_far(&mut self, pids: &[Pid]) -> Vec<Pid> {
        take_each(Arc::make_mut(&mut self.far), pids)
    }

    pub(super) fn push(&mut self, process: Arc<dyn AnyCell>, member: Arc<Member>) {
        member.at.store(self.len(), Ordering::Relaxed);
        if self.chunks.last().is_none_or(|last| last.len() == CHUNK) {
            self.chunks.push(Arc::default());
        }
        if let Some(last) = self.chunks.last_mut() {
            Arc::make_mut(last).push(Slot { process, member });
        }
    }

    /// Removes `member`, which is one; the last takes its slot.
    pub(super) fn remove(&mut self, member: &Member) {
        let at = member.at.load(Ordering::Relaxed);
        let Some(last) = self.chunks.last_mut() else { return };
        let Some(moved) = Arc::make_mut(last).pop() else { return };
        if last.is_empty() {
            self.chunks.pop();
        }
        if at < self.len() {
            moved.member.at.store(at, Ordering::Relaxed);
            Arc::make_mut(&mut self.chunks[at / CHUNK])[at % CHUNK] = moved;
        }
    }

    /// Who is a member now, whoever comes and goes later.
    pub(super) fn snapshot(&self) -> Snapshot {
        Snapshot { chunks: self.chunks.clone(), far: self.far.clone() }
    }
}

/// The members at one moment.
pub(super) struct Snapshot {
    chunks: Vec<Arc<Vec<Slot>>>,
    far: Arc<Vec<Pid>>,
}

impl Snapshot {
    /// Those of this node.
    pub(super) fn processes(&self) -> impl Iterator<Item = &Arc<dyn AnyCell>> {
        self.chunks.iter().flat_map(|chunk| chunk.iter()).map(|slot| &slot.process)
    }

    pub(super) fn far(&self) -> &[Pid] {
        &self.far
    }

    pub(super) fn local_pids(&self) -> impl Iterator<Item = Pid> {
        self.processes().map(|process| process.head().pid)
    }

    pub(super) fn pids(&self) -> Vec<Pid> {
        self.local_pids().chain(self.far.iter().copied()).collect()
    }
}
