//! Who is told when a process ends, and whom it watches itself.

use std::collections::{BTreeMap, HashSet};
use std::mem;
use std::sync::Arc;
use std::task::Waker;

use super::id_hash::IdHash;
use super::monitors::Monitors;
use super::place::Place;
use super::remote::Far;
use super::{MonitorRef, Pid};

/// The links and monitors of one process, and its name.
///
/// Most processes have one link, to their supervisor, and nothing else: that one needs no allocation.
/// A supervisor may have a million.
#[derive(Default)]
pub(crate) struct Relations {
    link: Option<Pid>,
    more: Option<Box<More>>,
}

#[derive(Default)]
struct More {
    /// The name it is registered under.
    name: Option<Arc<str>>,
    links: HashSet<Pid, IdHash>,
    /// The first of `monitored_by`, which is often the only one.
    first_monitored_by: Option<(MonitorRef, Pid)>,
    /// The monitors that others hold, in the order in which they were made.
    monitored_by: BTreeMap<MonitorRef, Pid>,
    /// The first of `awaited_by`.
    first_awaited_by: Option<Waker>,
    /// The tasks that wait for the end.
    awaited_by: Vec<Waker>,
    /// The monitors that this process holds, and its aliases.
    monitors: Monitors,
    /// Futures of this process that wait for what it is told about the ends of others.
    receivers: Vec<Waker>,
    /// Where it has a place: groups, registries.
    places: Vec<Arc<dyn Place>>,
}

impl Relations {
    fn more(&mut self) -> &mut More {
        self.more.get_or_insert_default()
    }

    pub(crate) fn link(&mut self, other: Pid) {
        match self.link {
            None => self.link = Some(other),
            Some(linked) if linked == other => {}
            Some(_) => {
                self.more().links.insert(other);
            }
        }
    }

    pub(crate) fn unlink(&mut self, other: Pid) -> bool {
        if self.link == Some(other) {
            self.link = None;
            return true;
        }
        self.more.as_mut().is_some_and(|more| more.links.remove(&other))
    }

    pub(crate) fn links(&self) -> Vec<Pid> {
        self.link.iter().chain(self.more.iter().flat_map(|more| &more.links)).copied().collect()
    }

    /// The one linked first, which is the parent if it is linked, comes last.
    pub(crate) fn links_parent_last(&self) -> impl Iterator<Item = Pid> {
        self.more.iter().flat_map(|more| &more.links).copied().chain(self.link)
    }

    pub(crate) fn name(&self) -> Option<&Arc<str>> {
        self.more.as_ref()?.name.as_ref()
    }

    pub(crate) fn set_name(&mut self, name: Arc<str>) {
        self.more().name = Some(name);
    }

    pub(crate) fn monitored(&mut self, monitor: MonitorRef, by: Pid) {
        let more = self.more();
        match more.first_monitored_by {
            None => more.first_monitored_by = Some((monitor, by)),
            Some(_) => drop(more.monitored_by.insert(monitor, by)),
        }
    }

    pub(crate) fn not_monitored(&mut self, gone: MonitorRef) {
        let Some(more) = &mut self.more else { return };
        match more.first_monitored_by {
            Some((monitor, _)) if monitor == gone => more.first_monitored_by = more.monitored_by.pop_first(),
            _ => drop(more.monitored_by.remove(&gone)),
        }
    }

    pub(crate) fn awaited(&mut self, by: Waker) {
        let more = self.more();
        match more.first_awaited_by {
            None => more.first_awaited_by = Some(by),
            Some(_) => more.awaited_by.push(by),
        }
    }

    /// Forgets one waiting of the task behind `waker`, which may wait more than once.
    pub(crate) fn not_awaited(&mut self, waker: &Waker) {
        let Some(more) = &mut self.more else { return };
        if more.first_awaited_by.as_ref().is_some_and(|first| first.will_wake(waker)) {
            more.first_awaited_by = more.awaited_by.pop();
        } else if let Some(at) = more.awaited_by.iter().position(|other| other.will_wake(waker)) {
            more.awaited_by.swap_remove(at);
        }
    }

    /// Wakes `waker` when the process is told of an end.
    pub(crate) fn received_by(&mut self, waker: &Waker) {
        let receivers = &mut self.more().receivers;
        if !receivers.iter().any(|known| known.will_wake(waker)) {
            receivers.push(waker.clone());
        }
    }

    pub(crate) fn take_receivers(&mut self) -> Vec<Waker> {
        self.more.as_mut().map_or_else(Vec::new, |more| mem::take(&mut more.receivers))
    }

    pub(crate) fn places(&mut self) -> &mut Vec<Arc<dyn Place>> {
        &mut self.more().places
    }

    pub(crate) fn take_places(&mut self) -> Vec<Arc<dyn Place>> {
        self.more.as_mut().map_or_else(Vec::new, |more| mem::take(&mut more.places))
    }

    pub(crate) fn monitoring(&mut self, monitor: MonitorRef, target: Far) {
        self.more().monitors.monitor(monitor, target);
    }

    /// The monitors and aliases that the process holds, if it ever held any.
    pub(super) fn monitors(&mut self) -> Option<&mut Monitors> {
        self.more.as_mut().map(|more| &mut more.monitors)
    }

    pub(super) fn monitors_mut(&mut self) -> &mut Monitors {
        &mut self.more().monitors
    }

    pub(crate) fn stop_monitoring(&mut self, monitor: MonitorRef) -> Option<Far> {
        self.monitors()?.demonitor(monitor)
    }

    /// The processes that it monitors by their pids, and those that monitor it.
    pub(crate) fn monitors_both_ways(&self) -> (Vec<Pid>, Vec<Pid>) {
        let Some(more) = &self.more else { return (Vec::new(), Vec::new()) };
        let by = more.first_monitored_by.iter().map(|(_, by)| *by).chain(more.monitored_by.values().copied());
        (more.monitors.pids().collect(), by.collect())
    }

    pub(crate) fn take_monitored_by(&mut self) -> impl Iterator<Item = (MonitorRef, Pid)> {
        let taken = self
            .more
            .as_mut()
            .map(|more| (more.first_monitored_by.take(), mem::take(&mut more.monitored_by)));
        taken.into_iter().flat_map(|(first, others)| first.into_iter().chain(others))
    }

    pub(crate) fn take_awaited_by(&mut self) -> impl Iterator<Item = Waker> {
        let taken =
            self.more.as_mut().map(|more| (more.first_awaited_by.take(), mem::take(&mut more.awaited_by)));
        taken.into_iter().flat_map(|(first, others)| first.into_iter().chain(others))
    }

    pub(crate) fn take_monitors(&mut self) -> impl Iterator<Item = (MonitorRef, Far)> {
        self.monitors().map(mem::take).into_iter().flat_map(Monitors::into_targets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_exists_once_however_often_it_is_made() {
        let (a, b) = (Pid::nth(1), Pid::nth(2));
        let mut relations = Relations::default();
        for pid in [a, a, b, b] {
            relations.link(pid);
        }
        assert_eq!(relations.links(), [a, b]);
        assert_eq!(relations.links_parent_last().collect::<Vec<_>>(), [b, a]);
        assert!(relations.unlink(a) && relations.unlink(b));
        assert!(!relations.unlink(a) && !relations.unlink(b));
        assert!(relations.links().is_empty());
    }
}
