//! The children of one supervisor, in start order. Pure.

use std::collections::HashMap;
use std::sync::Arc;

use super::child_spec::{ChildSpec, Restart, SpecError};
use crate::process::Pid;

/// Names one entry of [`Children`] for ever, whatever is removed around it. Ascending in start order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Key(u64);

/// Where a child is in its life.
///
/// Source: OTP `supervisor:which_children/1`: a pid, `restarting`, or `undefined`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChildState {
    /// Not running, and nobody is about to change that.
    Stopped,
    /// A restart failed; the next attempt is waiting in the mailbox.
    Restarting,
    /// Running.
    Running(Pid),
}

impl ChildState {
    /// The process, if there is one.
    pub fn pid(self) -> Option<Pid> {
        match self {
            Self::Running(pid) => Some(pid),
            Self::Stopped | Self::Restarting => None,
        }
    }
}

/// One child: its specification and its state.
#[derive(Debug)]
pub(super) struct Child {
    key: Key,
    pub(super) spec: ChildSpec,
    state: ChildState,
    /// How often it was restarted because of itself.
    restarts: u32,
}

impl Child {
    pub(super) fn key(&self) -> Key {
        self.key
    }

    pub(super) fn state(&self) -> ChildState {
        self.state
    }

    pub(super) fn restarts(&self) -> u32 {
        self.restarts
    }
}

/// The children in start order, found by position, by id, and by pid.
///
/// Positions are for the moment: removing a child moves those after it. What must outlive the moment holds a [`Key`].
#[derive(Debug, Default)]
pub(super) struct Children {
    /// In start order, and therefore in the order of the keys.
    ordered: Vec<Child>,
    by_id: HashMap<Arc<str>, Key>,
    /// The running ones.
    by_pid: HashMap<Pid, Key>,
    next_key: u64,
}

impl Children {
    pub(super) fn new(specs: Vec<ChildSpec>) -> Result<Self, SpecError> {
        let mut children = Self { ordered: Vec::with_capacity(specs.len()), ..Self::default() };
        for spec in specs {
            children.push(spec, ChildState::Stopped)?;
        }
        Ok(children)
    }

    /// Adds a child after all others.
    pub(super) fn push(&mut self, spec: ChildSpec, state: ChildState) -> Result<(), SpecError> {
        if self.by_id.contains_key(&spec.id) {
            return Err(SpecError::DuplicateId { id: spec.id.clone() });
        }
        let key = Key(self.next_key);
        self.next_key += 1;
        self.by_id.insert(spec.id.clone(), key);
        self.ordered.push(Child { key, spec, state: ChildState::Stopped, restarts: 0 });
        self.set(self.ordered.len() - 1, state);
        Ok(())
    }

    pub(super) fn len(&self) -> usize {
        self.ordered.len()
    }

    pub(super) fn get(&self, index: usize) -> &Child {
        &self.ordered[index]
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Child> {
        self.ordered.iter()
    }

    pub(super) fn find(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).and_then(|&key| self.position(key))
    }

    pub(super) fn find_pid(&self, pid: Pid) -> Option<usize> {
        self.by_pid.get(&pid).and_then(|&key| self.position(key))
    }

    pub(super) fn position(&self, key: Key) -> Option<usize> {
        self.ordered.binary_search_by_key(&key, Child::key).ok()
    }

    pub(super) fn set(&mut self, index: usize, state: ChildState) {
        let child = &mut self.ordered[index];
        if let ChildState::Running(pid) = child.state {
            self.by_pid.remove(&pid);
        }
        if let ChildState::Running(pid) = state {
            self.by_pid.insert(pid, child.key);
        }
        child.state = state;
    }

    /// Counts a restart that a child is the reason of.
    pub(super) fn note_restart(&mut self, key: Key) {
        if let Some(index) = self.position(key) {
            let restarts = &mut self.ordered[index].restarts;
            *restarts = restarts.saturating_add(1);
        }
    }

    /// Notes that a child is not running: a temporary one is forgotten. Tells whether it was.
    ///
    /// Source: OTP `supervisor:del_child/2`.
    pub(super) fn stop(&mut self, index: usize) -> bool {
        let temporary = self.get(index).spec.restart == Restart::Temporary;
        if temporary {
            self.remove(index);
        } else {
            self.set(index, ChildState::Stopped);
        }
        temporary
    }

    pub(super) fn remove(&mut self, index: usize) {
        self.set(index, ChildState::Stopped);
        let child = self.ordered.remove(index);
        self.by_id.remove(&child.spec.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gen_server::StartError;

    fn spec(id: &str) -> ChildSpec {
        ChildSpec::worker(id, || async { Err(StartError::Ignore) })
    }

    fn ids(children: &Children) -> Vec<&str> {
        children.iter().map(|child| &*child.spec.id).collect()
    }

    #[test]
    fn two_children_cannot_have_one_id() {
        let refused = Children::new(vec![spec("a"), spec("b"), spec("a")]).map(|_| ());
        assert_eq!(refused, Err(SpecError::DuplicateId { id: "a".into() }));
    }

    #[test]
    fn children_are_found_by_id_pid_and_key_after_others_were_removed() {
        let mut children = Children::new(vec![spec("a"), spec("b"), spec("c")]).expect("ids differ");
        let (pid, key) = (Pid::nth(7), children.get(2).key());
        children.set(2, ChildState::Running(pid));
        children.remove(0);
        assert_eq!(ids(&children), ["b", "c"]);
        assert_eq!(
            (children.find("c"), children.find_pid(pid), children.position(key)),
            (Some(1), Some(1), Some(1))
        );
        assert_eq!(children.find("a"), None);
        children.stop(1);
        assert_eq!(children.find_pid(pid), None);
    }

    #[test]
    fn a_child_added_again_is_last_and_has_another_key() {
        let mut children = Children::new(vec![spec("a"), spec("b")]).expect("ids differ");
        let old = children.get(0).key();
        children.remove(0);
        assert_eq!(children.push(spec("a"), ChildState::Stopped), Ok(()));
        assert_eq!(ids(&children), ["b", "a"]);
        assert_eq!(children.position(old), None);
    }

    #[test]
    fn a_temporary_child_that_stops_is_forgotten() {
        let mut children =
            Children::new(vec![spec("a").restart(Restart::Temporary), spec("b")]).expect("ids differ");
        assert!(children.stop(0));
        assert!(!children.stop(0));
        assert_eq!(ids(&children), ["b"]);
    }
}
