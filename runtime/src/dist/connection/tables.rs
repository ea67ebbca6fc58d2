//! What the two ends of a connection owe each other.

use std::collections::HashMap;
use std::mem;

use crate::process::remote::{Answer, Far, Spawned, Tie};
use crate::process::{MonitorRef, Pid};
use crate::term::ReferenceParts;

use super::super::control::Target;

/// What is lost with the connection.
#[derive(Default)]
pub(super) struct Tables {
    /// Nothing is added any more.
    pub(super) is_closed: bool,
    /// Calls of this node that wait for an answer.
    pub(super) calls: HashMap<MonitorRef, Pending>,
    /// What processes of this node monitor there.
    pub(super) monitors: HashMap<MonitorRef, Monitor>,
    /// Processes that are to be spawned there.
    pub(super) spawns: HashMap<MonitorRef, Spawning>,
    /// What is monitored here from there.
    monitored: HashMap<MonitorRef, Monitored>,
    /// By their references, the monitors of the other side.
    by_reference: HashMap<ReferenceParts, MonitorRef>,
    /// Links, as the processes of this node and of the other.
    links: HashMap<(Pid, Pid), Linked>,
    next_unlink: u64,
}

/// A call that waits for its answer.
pub(super) struct Pending {
    pub(super) answer: Box<dyn Answer>,
    pub(super) by: Pid,
    /// Who is monitored for it; nobody for a native call, whose end the other side tells.
    pub(super) watched: Option<Far>,
}

/// A process that is to be spawned.
pub(super) struct Spawning {
    pub(super) spawned: Spawned,
    pub(super) by: Pid,
    pub(super) tie: Tie,
}

/// A monitor that a process of this node holds.
pub(super) struct Monitor {
    pub(super) by: Pid,
    pub(super) target: Far,
}

/// A monitor that a process of the other node holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Monitored {
    pub(super) reference: ReferenceParts,
    pub(super) by: Pid,
    /// As the other side named it.
    pub(super) target: Target,
    pub(super) pid: Pid,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Linked {
    Linked,
    /// The other side has still to say that it knows.
    Unlinking(u64),
}

/// The connection is closed.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct Closed;

impl Tables {
    /// Everything, when the connection is closed.
    pub(super) fn close(&mut self) -> Self {
        mem::replace(self, Self { is_closed: true, ..Self::default() })
    }

    fn open(&mut self) -> Result<&mut Self, Closed> {
        if self.is_closed { Err(Closed) } else { Ok(self) }
    }

    /// Adds a call, or gives it back.
    pub(super) fn add_call(&mut self, call: MonitorRef, pending: Pending) -> Result<(), Pending> {
        if self.is_closed {
            return Err(pending);
        }
        self.calls.insert(call, pending);
        Ok(())
    }

    /// Adds a request, or gives it back.
    pub(super) fn add_spawn(&mut self, id: MonitorRef, spawning: Spawning) -> Result<(), Spawning> {
        if self.is_closed {
            return Err(spawning);
        }
        self.spawns.insert(id, spawning);
        Ok(())
    }

    pub(super) fn add_monitor(&mut self, monitor: MonitorRef, by: Pid, target: Far) -> Result<(), Closed> {
        self.open()?.monitors.insert(monitor, Monitor { by, target });
        Ok(())
    }

    pub(super) fn add_monitored(&mut self, monitor: MonitorRef, monitored: Monitored) -> Result<(), Closed> {
        let tables = self.open()?;
        tables.by_reference.insert(monitored.reference.clone(), monitor);
        tables.monitored.insert(monitor, monitored);
        Ok(())
    }

    pub(super) fn take_monitored(&mut self, monitor: MonitorRef) -> Option<Monitored> {
        let monitored = self.monitored.remove(&monitor)?;
        self.by_reference.remove(&monitored.reference);
        Some(monitored)
    }

    pub(super) fn take_by_reference(
        &mut self,
        reference: &ReferenceParts,
    ) -> Option<(MonitorRef, Monitored)> {
        let monitor = self.by_reference.remove(reference)?;
        Some((monitor, self.monitored.remove(&monitor)?))
    }

    /// The other side links. While this side takes a link back, that is the one which it takes back: whether it holds.
    pub(super) fn link_arrived(&mut self, here: Pid, there: Pid) -> bool {
        let is_unlinking = matches!(self.links.get(&(here, there)), Some(Linked::Unlinking(_)));
        !is_unlinking && self.link(here, there).is_ok()
    }

    /// Adds the link; an earlier one that is still being taken back does not matter any more.
    pub(super) fn link(&mut self, here: Pid, there: Pid) -> Result<(), Closed> {
        self.open()?.links.insert((here, there), Linked::Linked);
        Ok(())
    }

    /// A process here unlinks: the number of the request for it, if there is a link.
    pub(super) fn unlink(&mut self, here: Pid, there: Pid) -> Option<u64> {
        let linked = self.links.get_mut(&(here, there))?;
        if *linked != Linked::Linked {
            return None;
        }
        // Numbers of requests are not 0.
        self.next_unlink = self.next_unlink.wrapping_add(1).max(1);
        *linked = Linked::Unlinking(self.next_unlink);
        Some(self.next_unlink)
    }

    /// The other side knows that it was unlinked.
    pub(super) fn unlinked(&mut self, here: Pid, there: Pid, id: u64) {
        if self.links.get(&(here, there)) == Some(&Linked::Unlinking(id)) {
            self.links.remove(&(here, there));
        }
    }

    /// The link is gone, by an exit or by the other side: whether there was one.
    pub(super) fn take_link(&mut self, here: Pid, there: Pid) -> bool {
        match self.links.get(&(here, there)) {
            Some(Linked::Linked) => {
                self.links.remove(&(here, there));
                true
            }
            // Its exit was on its way when it was unlinked.
            Some(Linked::Unlinking(_)) | None => false,
        }
    }

    /// The links that hold.
    pub(super) fn into_parts(self) -> Parts {
        let links = self.links.into_iter().filter(|(_, linked)| *linked == Linked::Linked);
        Parts {
            calls: self.calls.into_values().collect(),
            spawns: self.spawns.into_values().collect(),
            monitors: self.monitors.into_iter().collect(),
            monitored: self.monitored.into_iter().collect(),
            links: links.map(|(pids, _)| pids).collect(),
        }
    }
}

/// What is to be told about when the connection is gone.
pub(super) struct Parts {
    pub(super) calls: Vec<Pending>,
    pub(super) spawns: Vec<Spawning>,
    pub(super) monitors: Vec<(MonitorRef, Monitor)>,
    pub(super) monitored: Vec<(MonitorRef, Monitored)>,
    pub(super) links: Vec<(Pid, Pid)>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term::Atom;

    fn reference(word: u32) -> ReferenceParts {
        ReferenceParts::new(Atom::new("a@host"), 1, &[word]).expect("one word")
    }

    #[test]
    fn a_link_that_is_taken_back_does_not_pass_exits_until_it_is_made_again() {
        let (here, there) = (Pid::nth(1), Pid::nth(2));
        let mut tables = Tables::default();
        assert_eq!(tables.link(here, there), Ok(()));
        let first = tables.unlink(here, there).expect("linked");
        assert_eq!(tables.unlink(here, there), None);
        assert!(!tables.take_link(here, there));
        assert!(!tables.link_arrived(here, there));
        assert_eq!(tables.link(here, there), Ok(()));
        tables.unlinked(here, there, first);
        assert!(tables.take_link(here, there));
        assert!(!tables.take_link(here, there));
    }

    #[test]
    fn a_monitor_from_there_is_found_by_both_references_and_once() {
        let monitored = Monitored {
            reference: reference(7),
            by: Pid::nth(1),
            target: Target::Name(Atom::new("c")),
            pid: Pid::nth(2),
        };
        let mut tables = Tables::default();
        assert_eq!(tables.add_monitored(MonitorRef(1), monitored.clone()), Ok(()));
        assert_eq!(tables.take_monitored(MonitorRef(1)), Some(monitored.clone()));
        assert_eq!(tables.take_by_reference(&reference(7)), None);
        assert_eq!(tables.add_monitored(MonitorRef(2), monitored.clone()), Ok(()));
        assert_eq!(tables.take_by_reference(&reference(7)), Some((MonitorRef(2), monitored)));
        assert_eq!(tables.take_monitored(MonitorRef(2)), None);
    }

    #[test]
    fn nothing_is_added_to_what_is_closed() {
        let (here, there) = (Pid::nth(1), Pid::nth(2));
        let mut tables = Tables::default();
        assert_eq!(tables.link(here, there), Ok(()));
        assert_eq!(tables.close().into_parts().links, [(here, there)]);
        assert_eq!(tables.link(here, there), Err(Closed));
        assert_eq!(tables.add_monitor(MonitorRef(1), here, Far::Pid(there)), Err(Closed));
    }
}
