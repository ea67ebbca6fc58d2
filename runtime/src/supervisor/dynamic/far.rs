//! Dynamic supervisors of other nodes: as [those with a fixed order](crate::supervisor::Supervisor::export).

use super::DynamicSupervisor;
use super::client::Request;
use crate::gen_server::way_back::Crosses as _;
use crate::process::{NoNode, Pid};
use crate::registry::wire::{
    Crosses as _, Export, ExportError, Import, ImportError, Shape, Stays as _, Type, WayBack,
};
use crate::registry::{Exported, Name};
use crate::supervisor::ChildSpec;
use crate::supervisor::client::{ChildCounts, ChildInfo};
use crate::supervisor::far::{Done, Restarted};

/// The requests by their numbers; only the first few are read from other nodes.
pub(super) const HANDLERS: &[&str] = &[
    "which_children",
    "count_children",
    "terminate_child",
    "start_child",
    "get_childspec",
    "stop",
    "try_again",
];

pub(super) const SHAPES: &[Shape] = &[Shape::Call; 3];

impl DynamicSupervisor {
    /// Lets other nodes ask the supervisor with this name for its children, and have it terminate them; see
    /// [`Supervisor::export`](crate::supervisor::Supervisor::export).
    ///
    /// # Errors
    /// [`NoNode`] outside a node.
    pub fn export(name: &Name<Self>) -> Result<(), NoNode> {
        Exported::<Self>::add(Name::as_str(name), import)
    }
}

pub(super) const fn handler(request: &Request) -> u16 {
    match request {
        Request::WhichChildren(_) => 0,
        Request::CountChildren(_) => 1,
        Request::TerminateChild(..) => 2,
        Request::StartChild(..) => 3,
        Request::GetChildspec(..) => 4,
        Request::Stop(..) => 5,
        Request::TryAgain(..) => 6,
    }
}

pub(super) fn export(request: &Request, to: Export<'_>) -> Result<(), ExportError> {
    let name = HANDLERS[usize::from(handler(request))];
    match request {
        Request::WhichChildren(_) | Request::CountChildren(_) => to.begin(name, 0)?.end(),
        Request::TerminateChild(pid, _) => Type::<Pid>::NEW.export(to.begin(name, 1)?, "pid", pid)?.end(),
        Request::StartChild(child, _) => {
            (&Type::<Box<ChildSpec>>::NEW).export(to.begin(name, 1)?, "child", child)?.end()
        }
        Request::GetChildspec(..) | Request::Stop(..) | Request::TryAgain(..) => to.stays(),
    }
}

pub(super) fn take_reply(request: &mut Request) -> Option<WayBack> {
    let name = HANDLERS[usize::from(handler(request))];
    match request {
        Request::WhichChildren(reply) => Type::<Vec<ChildInfo>>::NEW.leave(reply, name),
        Request::CountChildren(reply) => Type::<ChildCounts>::NEW.leave(reply, name),
        Request::TerminateChild(_, reply) => Type::<Done>::NEW.leave(reply, name),
        Request::StartChild(_, reply) => Type::<Restarted>::NEW.leave(reply, name),
        Request::GetChildspec(..) | Request::Stop(..) | Request::TryAgain(..) => None,
    }
}

fn import(from: &mut Import<'_>) -> Result<Request, ImportError> {
    let number = from.handler(HANDLERS, SHAPES)?;
    let child = if number == Some(2) { Some(Type::<Pid>::NEW.import(from, "pid")?) } else { None };
    from.end()?;
    match (number, child) {
        (Some(0), _) => Ok(Request::WhichChildren(Type::<Vec<ChildInfo>>::NEW.arrive(from))),
        (Some(1), _) => Ok(Request::CountChildren(Type::<ChildCounts>::NEW.arrive(from))),
        (_, Some(child)) => Ok(Request::TerminateChild(child, Type::<Done>::NEW.arrive(from))),
        _ => Err(from.nobodys()),
    }
}
