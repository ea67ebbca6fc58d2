//! The groups of one scope.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::MembersByGroup;
use super::group_state::GroupState;
use super::members::{Member, Snapshot};
use super::monitor::{Outbox, Sink};
use crate::process::{AnyCell, MonitorRef, Node, Pid};

/// A scope of a node: groups that know nothing of those of other scopes.
///
/// The lock of the groups is taken before that of a group, never the other way round.
#[derive(Default)]
pub(super) struct Scope(RwLock<Groups>);

#[derive(Default)]
struct Groups {
    by_name: HashMap<Arc<str>, Arc<GroupState>>,
    monitors: HashMap<MonitorRef, Arc<Outbox>>,
}

impl Scope {
    /// The scope of `node` that is called `name`.
    pub(super) fn of(node: &Node, name: &str) -> Arc<Self> {
        node.extensions().get(name)
    }

    fn read(&self) -> RwLockReadGuard<'_, Groups> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Groups> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn known(&self, name: &str) -> Option<Arc<GroupState>> {
        self.read().by_name.get(name).cloned()
    }

    fn group(self: &Arc<Self>, name: &str) -> Arc<GroupState> {
        if let Some(known) = self.known(name) {
            return known;
        }
        let mut groups = self.write();
        if let Some(known) = groups.by_name.get(name) {
            return known.clone();
        }
        let everywhere = groups.monitors.values().filter(|outbox| outbox.group.is_none());
        let group = GroupState::new(name.into(), Arc::downgrade(self), everywhere.cloned().collect());
        groups.by_name.insert(group.name.clone(), group.clone());
        group
    }

    pub(super) fn join(self: &Arc<Self>, name: &str, processes: &[Arc<dyn AnyCell>]) {
        // Gone only between its last leave and this join.
        while !processes.is_empty() && !self.group(name).join(processes) {}
    }

    /// Takes each of `processes` out once for each time it stands there, and says how many were in.
    pub(super) fn leave(&self, name: &str, processes: &[Arc<dyn AnyCell>]) -> usize {
        let Some(group) = self.known(name) else { return 0 };
        let joined = |process: &Arc<dyn AnyCell>| {
            let member = process.take_place(|member: &Member| Arc::ptr_eq(&member.group, &group))?;
            Some((process.head().pid, member))
        };
        let members: Vec<_> = processes.iter().filter_map(joined).collect();
        if !members.is_empty() {
            group.remove(&members);
        }
        members.len()
    }

    pub(super) fn members(&self, name: &str) -> Option<Snapshot> {
        self.known(name).map(|group| group.snapshot())
    }

    pub(super) fn which_groups(&self) -> Vec<Arc<str>> {
        let groups: Vec<_> = self.read().by_name.values().cloned().collect();
        groups.iter().filter(|group| !group.is_empty()).map(|group| group.name.clone()).collect()
    }

    /// Begins to tell of a group; who is a member already comes back.
    pub(super) fn monitor(
        self: &Arc<Self>,
        id: MonitorRef,
        name: &str,
        sink: Sink,
    ) -> (Arc<Outbox>, Vec<Pid>) {
        let outbox = Outbox::new(id, Some(name.into()), sink);
        self.write().monitors.insert(id, outbox.clone());
        loop {
            if let Some(members) = self.group(name).monitor(&outbox) {
                return (outbox, members.pids());
            }
        }
    }

    /// Begins to tell of all groups; who is a member already comes back.
    pub(super) fn monitor_all(&self, id: MonitorRef) -> (Arc<Outbox>, MembersByGroup) {
        let outbox = Outbox::new(id, None, Sink::Stream(Default::default()));
        let groups: Vec<_> = {
            let mut groups = self.write();
            // From here on a new group tells it from the beginning.
            groups.monitors.insert(id, outbox.clone());
            groups.by_name.values().cloned().collect()
        };
        let members =
            groups.iter().filter_map(|group| Some((group.name.clone(), group.monitor(&outbox)?.pids())));
        let members = members.filter(|(_, pids)| !pids.is_empty()).collect();
        (outbox, members)
    }

    /// Ends a monitor and gives it back, if there was one.
    pub(super) fn demonitor(&self, id: MonitorRef) -> Option<Arc<Outbox>> {
        let (outbox, groups) = {
            let mut groups = self.write();
            let outbox = groups.monitors.remove(&id)?;
            let watched: Vec<_> = match &outbox.group {
                Some(name) => groups.by_name.get(name).cloned().into_iter().collect(),
                None => groups.by_name.values().cloned().collect(),
            };
            (outbox, watched)
        };
        groups.iter().for_each(|group| group.demonitor(&outbox));
        Some(outbox)
    }

    #[cfg(test)]
    pub(super) fn monitors(&self) -> usize {
        self.read().monitors.len()
    }

    /// Drops a group that nobody would miss.
    pub(super) fn forget(&self, group: &Arc<GroupState>) {
        let mut groups = self.write();
        if groups.by_name.get(&group.name).is_some_and(|known| Arc::ptr_eq(known, group)) && group.go() {
            groups.by_name.remove(&group.name);
        }
    }
}
