//! Addresses that lead, or may lead, to another node.

use std::fmt;
use std::sync::Arc;

use super::address::ResolveError;
use super::global;
use crate::process::remote::Far;
use crate::process::{AnyCell, Instance, Node, NodeId, Pid, running};

/// What an address says that does not simply name a process of this node.
pub(crate) enum Away {
    /// A process of another node, or one of this node that has ended or speaks something else.
    Pid(Pid),
    /// Whoever has the name among all nodes.
    Global(&'static str),
    /// Whoever has the name on one node.
    On { node: Arc<str>, name: &'static str },
    /// Whoever has the name on the node that is responsible for a key.
    ByKey { application: &'static str, name: &'static str, key: u64 },
}

/// A process of another node, as it is sent to.
#[derive(Debug)]
pub(crate) struct There {
    pub(crate) far: Far,
    /// The instance that was chosen among others.
    pub(crate) instance: Option<Arc<Instance>>,
}

impl There {
    fn pid(pid: Pid) -> Self {
        Self { far: Far::Pid(pid), instance: None }
    }

    fn named(name: &'static str, node: NodeId, instance: Option<Arc<Instance>>) -> Self {
        Self { far: Far::Name { node, name: name.into() }, instance }
    }

    /// The node it is on, as errors name it.
    pub(crate) fn node_name(&self) -> Arc<str> {
        let name = running::with_node(|node| node.node_name(self.far.node())).flatten();
        name.unwrap_or_else(|| "nonode@nohost".into())
    }
}

/// What was found: a process of this node, or else the way to another.
type Found = Result<Arc<dyn AnyCell>, ResolveError>;

fn there(there: There) -> Found {
    Err(ResolveError::There(Box::new(there)))
}

/// Whoever has `name` where `application` runs.
pub(super) fn find_name(node: &Node, name: &'static str, application: &str) -> Found {
    // Nearly always names of this node are tried first, and need no routing.
    if node.spreads_names()
        && let Some(instance) = node.route(application)
    {
        return at_instance(node, name, instance);
    }
    match node.process_named(name) {
        Some(process) => Ok(process),
        None => match node.route(application) {
            Some(instance) if instance.node != NodeId::HERE => {
                there(There::named(name, instance.node, Some(instance)))
            }
            _ => Err(ResolveError::NoProc),
        },
    }
}

fn at_instance(node: &Node, name: &'static str, instance: Arc<Instance>) -> Found {
    match instance.node {
        NodeId::HERE => node.process_named(name).ok_or(ResolveError::NoProc),
        far => there(There::named(name, far, Some(instance))),
    }
}

impl Away {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Pid(_) => "",
            Self::Global(name) => name,
            Self::On { name, .. } | Self::ByKey { name, .. } => name,
        }
    }

    #[cold]
    pub(super) fn find(&self, node: &Node) -> Found {
        match self {
            Self::Pid(pid) if pid.is_far() => there(There::pid(*pid)),
            Self::Pid(_) => Err(ResolveError::NoProc),
            Self::Global(name) => match global::whereis(node, name) {
                Some(pid) if pid.is_far() => there(There::pid(pid)),
                Some(pid) => node.process(pid).ok_or(ResolveError::NoProc),
                None => Err(ResolveError::NoProc),
            },
            Self::On { node: other, name } => match node.node_id(other) {
                Ok(NodeId::HERE) => node.process_named(name).ok_or(ResolveError::NoProc),
                Ok(far) => there(There::named(name, far, None)),
                Err(_) => Err(ResolveError::NoProc),
            },
            Self::ByKey { application, name, key } => match node.route_by(application, *key) {
                Some(instance) => at_instance(node, name, instance),
                None => node.process_named(name).ok_or(ResolveError::NoProc),
            },
        }
    }
}

impl fmt::Display for Away {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pid(pid) => pid.fmt(f),
            Self::On { node, name } => write!(f, "{name} on {node}"),
            Self::Global(name) | Self::ByKey { name, .. } => f.write_str(name),
        }
    }
}
