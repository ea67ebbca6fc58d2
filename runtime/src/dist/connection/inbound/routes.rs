//! Routes that were offered to the other side, and where they lead.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use crate::dist::connection::offers::MOST_ROUTES;
use crate::process::remote::Layout;
use crate::process::{AnyCell, IdHash, Node, Pid};

/// Whom the other side has addressed.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Whom {
    Pid(Pid),
    Name(Arc<str>),
}

/// Where routes lead. Their numbers are not used again: something may be under way to one that was withdrawn.
#[derive(Default)]
pub(super) struct Routes {
    by_whom: HashMap<Whom, u32>,
    routes: HashMap<u32, Route, IdHash>,
    next: u32,
    /// With so many it is looked whether some lead nowhere any more.
    look_at: usize,
}

struct Route {
    whom: Whom,
    layout: Layout,
    /// Who it led to last.
    process: Weak<dyn AnyCell>,
}

/// What has become of a route.
pub(super) enum Found {
    Process(Arc<dyn AnyCell>),
    /// Nobody is there now.
    Nobody,
    /// There is, but of another protocol; the route was withdrawn.
    Changed(Arc<dyn AnyCell>),
    /// There is no such route.
    Unknown,
}

/// The fewest routes among which dead ones are looked for.
const LOOK_AT_LEAST: usize = 1024;

impl Whom {
    fn find(&self, node: &Node) -> Option<Arc<dyn AnyCell>> {
        match self {
            Self::Pid(pid) => node.process(*pid),
            Self::Name(name) => node.process_named(name),
        }
    }
}

impl Routes {
    /// A new route to `process`, which was addressed as `whom`, unless there is one or there are too many.
    pub(super) fn offer(&mut self, whom: Whom, layout: Layout, process: &Arc<dyn AnyCell>) -> Option<u32> {
        if self.by_whom.contains_key(&whom) || self.routes.len() >= MOST_ROUTES || self.next == u32::MAX {
            return None;
        }
        self.next += 1;
        self.by_whom.insert(whom.clone(), self.next);
        self.routes.insert(self.next, Route { whom, layout, process: Arc::downgrade(process) });
        Some(self.next)
    }

    /// Whether one more is offered before it is looked for those that lead nowhere.
    pub(super) fn are_many(&self) -> bool {
        self.routes.len() >= self.look_at.max(LOOK_AT_LEAST)
    }

    /// Withdraws the routes to pids of processes that have ended; names may have another process some time.
    pub(super) fn withdraw_dead(&mut self, node: &Node) -> Vec<u32> {
        let leads_nowhere =
            |route: &Route| matches!(route.whom, Whom::Pid(pid) if node.process(pid).is_none());
        let dead: Vec<_> = self.routes.iter().filter(|(_, route)| leads_nowhere(route)).collect();
        let dead: Vec<u32> = dead.into_iter().map(|(number, _)| *number).collect();
        dead.iter().for_each(|number| self.withdraw(*number));
        self.look_at = self.routes.len() * 2;
        dead
    }

    fn withdraw(&mut self, number: u32) {
        if let Some(route) = self.routes.remove(&number) {
            self.by_whom.remove(&route.whom);
        }
    }

    /// Who the route led to last, if that may still be so: it may have ended.
    pub(super) fn last(&self, number: u32) -> Option<Arc<dyn AnyCell>> {
        self.routes.get(&number)?.process.upgrade()
    }

    /// Where the route leads now.
    pub(super) fn find(&mut self, node: &Node, number: u32) -> Found {
        let Some(route) = self.routes.get_mut(&number) else { return Found::Unknown };
        let Some(process) = route.whom.find(node) else { return Found::Nobody };
        if std::ptr::addr_eq(route.process.as_ptr(), Arc::as_ptr(&process)) {
            return Found::Process(process);
        }
        let layout = process.head().kind().layout.and_then(|layout| layout(node));
        if layout == Some(route.layout) {
            route.process = Arc::downgrade(&process);
            Found::Process(process)
        } else {
            // It stays, for what is still under way, until it may be offered again as another.
            self.by_whom.remove(&route.whom);
            Found::Changed(process)
        }
    }
}
