//! One group of a scope, as all its members and monitors share it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::members::{Member, Members, Snapshot};
use super::monitor::{Change, Outbox};
use super::scope::Scope;
use crate::process::{AnyCell, Pid};

/// A group that somebody is a member of, or monitors.
pub(super) struct GroupState {
    pub(super) name: Arc<str>,
    scope: Weak<Scope>,
    state: Mutex<State>,
}

struct State {
    members: Members,
    monitors: Vec<Arc<Outbox>>,
    /// Taken out of its scope; whoever comes too late looks the name up again.
    is_gone: bool,
}

impl GroupState {
    pub(super) fn new(name: Arc<str>, scope: Weak<Scope>, monitors: Vec<Arc<Outbox>>) -> Arc<Self> {
        let state = State { members: Members::default(), monitors, is_gone: false };
        Arc::new(Self { name, scope, state: Mutex::new(state) })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes all of `processes` members, or says that the group is gone.
    pub(super) fn join(self: &Arc<Self>, processes: &[Arc<dyn AnyCell>]) -> bool {
        let members: Vec<_> = processes.iter().map(|_| Member::new(self.clone())).collect();
        let told = {
            let mut state = self.state();
            if state.is_gone {
                return false;
            }
            for (process, member) in processes.iter().zip(&members) {
                state.members.push(process.clone(), member.clone());
            }
            let pids = processes.iter().map(|process| process.head().pid);
            state.announce(|| Change::Join { group: self.name.clone(), pids: pids.collect() })
        };
        told.iter().for_each(|outbox| outbox.deliver());
        for (process, member) in processes.iter().zip(members) {
            if !process.add_place(&(member.clone() as _)) {
                // Ended in between, without knowing of this place.
                self.remove(&[(process.head().pid, member)]);
            }
        }
        true
    }

    /// Removes memberships that no process has as its place any more.
    pub(super) fn remove(self: &Arc<Self>, members: &[(Pid, Arc<Member>)]) {
        let (told, is_idle) = {
            let mut state = self.state();
            for (_, member) in members {
                state.members.remove(member);
            }
            let pids = members.iter().map(|(pid, _)| *pid);
            let told = state.announce(|| Change::Leave { group: self.name.clone(), pids: pids.collect() });
            (told, state.is_idle())
        };
        told.iter().for_each(|outbox| outbox.deliver());
        if is_idle && let Some(scope) = self.scope.upgrade() {
            scope.forget(self);
        }
    }

    /// Makes processes of another node members, or says that the group is gone.
    pub(super) fn join_far(&self, pids: &[Pid]) -> bool {
        let told = {
            let mut state = self.state();
            if state.is_gone {
                return false;
            }
            state.members.push_far(pids);
            state.announce(|| Change::Join { group: self.name.clone(), pids: pids.into() })
        };
        told.iter().for_each(|outbox| outbox.deliver());
        true
    }

    pub(super) fn leave_far(self: &Arc<Self>, pids: &[Pid]) {
        let (told, is_idle) = {
            let mut state = self.state();
            let left = state.members.remove_far(pids);
            if left.is_empty() {
                return;
            }
            let told = state.announce(|| Change::Leave { group: self.name.clone(), pids: left.into() });
            (told, state.is_idle())
        };
        told.iter().for_each(|outbox| outbox.deliver());
        if is_idle && let Some(scope) = self.scope.upgrade() {
            scope.forget(self);
        }
    }

    /// Adds a monitor and says who is a member, or that the group is gone.
    pub(super) fn monitor(&self, outbox: &Arc<Outbox>) -> Option<Snapshot> {
        let mut state = self.state();
        if state.is_gone {
            return None;
        }
        state.monitors.push(outbox.clone());
        Some(state.members.snapshot())
    }

    pub(super) fn demonitor(self: &Arc<Self>, outbox: &Arc<Outbox>) {
        let is_idle = {
            let mut state = self.state();
            state.monitors.retain(|known| known.id != outbox.id);
            state.is_idle()
        };
        if is_idle && let Some(scope) = self.scope.upgrade() {
            scope.forget(self);
        }
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        self.state().members.snapshot()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.state().members.is_empty()
    }

    /// Marks the group as gone, unless somebody came back.
    pub(super) fn go(&self) -> bool {
        let mut state = self.state();
        state.is_gone |= state.is_idle();
        state.is_gone
    }
}

impl State {
    /// Queues a change for all who monitor, and says whom to deliver it to; without them it is not even made.
    fn announce(&self, change: impl FnOnce() -> Change) -> Vec<Arc<Outbox>> {
        if self.monitors.is_empty() {
            return Vec::new();
        }
        let change = change();
        for outbox in &self.monitors {
            outbox.push(change.clone());
        }
        self.monitors.clone()
    }

    /// Nobody would miss it: a monitor of the whole scope is told of a new group with the same name.
    fn is_idle(&self) -> bool {
        self.members.is_empty() && self.monitors.iter().all(|outbox| outbox.group.is_none())
    }
}
