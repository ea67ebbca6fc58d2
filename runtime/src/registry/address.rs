//! Where a message goes.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use super::Protocol;
use super::keys::Lookup;
use super::there::{Away, There, find_name};
use crate::process::remote::Far;
use crate::process::{AnyCell, Cell, Node, Pid, running};

/// Where messages of the protocol `P` go: one process, or whichever has a name.
///
/// Two or four words. This is what generated client methods send through; users hold a [`Ref`](super::Ref) or a
/// [`Name`](super::Name).
pub struct Address<P: Protocol>(pub(crate) Target<P>);

pub(crate) enum Target<P: Protocol> {
    Process(Arc<Cell<P::Message>>),
    Name {
        name: &'static str,
        application: &'static str,
    },
    /// Whichever has a key.
    Via(Arc<dyn Lookup>),
    /// One of another node, or none.
    Away(Arc<Away>),
}

/// Why no process of this node was found at an address.
#[derive(Debug)]
pub(crate) enum ResolveError {
    /// A name was used outside a node.
    NoNode,
    /// Nobody has the name, or whoever has it does not speak the protocol.
    NoProc,
    /// It runs on another node.
    There(Box<There>),
}

impl<P: Protocol> Address<P> {
    /// The process registered as `name` by `application`, looked up on every use.
    pub const fn name(name: &'static str, application: &'static str) -> Self {
        Self(Target::Name { name, application })
    }

    pub(crate) const fn process(cell: Arc<Cell<P::Message>>) -> Self {
        Self(Target::Process(cell))
    }

    /// The same address, for a protocol with the same messages.
    pub(crate) fn speaking<Q: Protocol<Message = P::Message>>(self) -> Address<Q> {
        Address(match self.0 {
            Target::Process(cell) => Target::Process(cell),
            Target::Name { name, application } => Target::Name { name, application },
            Target::Via(lookup) => Target::Via(lookup),
            Target::Away(away) => Target::Away(away),
        })
    }

    /// The process behind the address, if it is one of this node; otherwise where it is.
    pub(crate) fn resolve(&self) -> Result<Resolved<'_, P>, ResolveError> {
        match &self.0 {
            Target::Process(cell) => Ok(Resolved::Known(cell)),
            Target::Name { name, application } => {
                find(|node| find_name(node, name, application)).map(Resolved::Found)
            }
            Target::Away(away) => find(|node| away.find(node)).map(Resolved::Found),
            Target::Via(lookup) => match lookup.find() {
                Some(process) => typed(process).map(Resolved::Found),
                None => Err(running::with_node(|_| ResolveError::NoProc).unwrap_or(ResolveError::NoNode)),
            },
        }
    }

    /// The process that messages go to now, if there is one; of other nodes only one that the address itself names.
    pub fn pid(&self) -> Option<Pid> {
        match self.resolve() {
            Ok(cell) => Some(cell.head().pid),
            Err(ResolveError::There(there)) => match there.far {
                Far::Pid(pid) => Some(pid),
                Far::Name { .. } => None,
            },
            Err(ResolveError::NoNode | ResolveError::NoProc) => None,
        }
    }
}

/// What an address resolved to.
pub(crate) enum Resolved<'a, P: Protocol> {
    /// The process that the address holds; borrowed, since a counter shared by all callers is dear.
    Known(&'a Arc<Cell<P::Message>>),
    /// The process that has the name now.
    Found(Arc<Cell<P::Message>>),
}

impl<P: Protocol> Resolved<'_, P> {
    /// The process, to be kept.
    pub(crate) fn shared(&self) -> Arc<Cell<P::Message>> {
        match self {
            Self::Known(cell) => (*cell).clone(),
            Self::Found(cell) => cell.clone(),
        }
    }
}

impl<P: Protocol> Deref for Resolved<'_, P> {
    type Target = Cell<P::Message>;

    fn deref(&self) -> &Cell<P::Message> {
        match self {
            Self::Known(cell) => cell,
            Self::Found(cell) => cell,
        }
    }
}

/// A stranger is as good as nobody: it never gets a message it does not understand.
fn typed<M: Send + 'static>(process: Arc<dyn AnyCell>) -> Result<Arc<Cell<M>>, ResolveError> {
    process.into_any().downcast().map_err(|_stranger| ResolveError::NoProc)
}

/// Finds a process in the running node.
fn find<M: Send + 'static>(
    find: impl FnOnce(&Node) -> Result<Arc<dyn AnyCell>, ResolveError>,
) -> Result<Arc<Cell<M>>, ResolveError> {
    running::with_node(find).unwrap_or(Err(ResolveError::NoNode)).and_then(typed)
}

impl<P: Protocol> Clone for Address<P> {
    fn clone(&self) -> Self {
        Self(match &self.0 {
            Target::Process(cell) => Target::Process(cell.clone()),
            Target::Name { name, application } => Target::Name { name, application },
            Target::Via(lookup) => Target::Via(lookup.clone()),
            Target::Away(away) => Target::Away(away.clone()),
        })
    }
}

impl<P: Protocol> fmt::Display for Address<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Target::Process(cell) => cell.head().pid.fmt(f),
            Target::Name { name, .. } => f.write_str(name),
            Target::Away(away) => away.fmt(f),
            Target::Via(lookup) => match lookup.find() {
                Some(process) => process.head().pid.fmt(f),
                None => f.write_str("nobody"),
            },
        }
    }
}

impl<P: Protocol> fmt::Debug for Address<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
