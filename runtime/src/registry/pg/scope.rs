//! The groups of one scope.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::MembersByGroup;
use super::group_state::GroupState;
use super::members::{Member, Snapshot};
use super::message::{Form, Name};
use super::monitor::{Outbox, Sink};
use super::shared;
use crate::process::{AnyCell, MonitorRef, Node, Pid};

/// A scope of a node: groups that know nothing of those of other scopes.
///
/// The lock of the groups is taken before that of a group, never the other way round.
#[derive(Default)]
pub(super) struct Scope {
    groups: RwLock<Groups>,
    /// The names that are written down in the program, and so are atoms for other nodes.
    constants: RwLock<HashSet<&'static str>>,
    /// Its process was started.
    is_shared: AtomicBool,
}

#[derive(Default)]
struct Groups {
    by_name: HashMap<Arc<str>, Arc<GroupState>>,
    monitors: HashMap<MonitorRef, Arc<Outbox>>,
}

impl Scope {
    /// The scope of `node` that is called `name`.
    pub(super) fn of(node: &Node, name: &str) -> Arc<Self> {
        let scope: Arc<Self> = node.extensions().get(name);
        if !scope.is_shared.load(Ordering::Relaxed) {
            shared::share(node, name, &scope);
        }
        scope
    }

    /// Whether it is to be shared from now on, and was not before.
    pub(super) fn begin_to_share(&self) -> bool {
        !self.is_shared.swap(true, Ordering::Relaxed)
    }

    /// Remembers that the name of a group is written down in the program.
    pub(super) fn note_constant(&self, name: &'static str) {
        let known = self.constants.read().unwrap_or_else(PoisonError::into_inner).contains(name);
        if !known {
            self.constants.write().unwrap_or_else(PoisonError::into_inner).insert(name);
        }
    }

    /// The name of a group, as other nodes know it.
    pub(super) fn name(&self, text: Arc<str>) -> Name {
        let constants = self.constants.read().unwrap_or_else(PoisonError::into_inner);
        let form = if constants.contains(&*text) { Form::Atom } else { Form::Binary };
        Name { text, form }
    }

    fn read(&self) -> RwLockReadGuard<'_, Groups> {
        self.groups.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Groups> {
        self.groups.write().unwrap_or_else(PoisonError::into_inner)
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

    /// Makes processes of another node members.
    pub(super) fn join_far(self: &Arc<Self>, name: &str, pids: &[Pid]) {
        while !self.group(name).join_far(pids) {}
    }

    pub(super) fn leave_far(&self, name: &str, pids: &[Pid]) {
        if let Some(group) = self.known(name) {
            group.leave_far(pids);
        }
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
    pub(super) fn monitor_all(&self, id: MonitorRef, sink: Sink) -> (Arc<Outbox>, MembersByGroup) {
        let outbox = Outbox::new(id, None, sink);
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
