//! Where a message goes.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use super::Protocol;
use super::keys::Lookup;
use crate::process::{AnyCell, Cell, Pid, running};

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
}

/// Why no process was found at an address.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::enum_variant_names, reason = "OTP's words: noproc, noconnection")]
pub(crate) enum ResolveError {
    /// A name was used outside a node.
    NoNode,
    /// Nobody has the name, or whoever has it does not speak the protocol.
    NoProc,
    /// The application that owns the name runs in this release, which is not connected.
    NoConnection(Arc<str>),
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
        })
    }

    /// The process behind the address.
    pub(crate) fn resolve(&self) -> Result<Resolved<'_, P>, ResolveError> {
        match &self.0 {
            Target::Process(cell) => Ok(Resolved::Known(cell)),
            Target::Name { name, application } => lookup(name, application).map(Resolved::Found),
            Target::Via(lookup) => match lookup.find() {
                Some(process) => typed(process).map(Resolved::Found),
                None => Err(running::with_node(|_| ResolveError::NoProc).unwrap_or(ResolveError::NoNode)),
            },
        }
    }

    /// The process that messages go to now, if there is one.
    pub fn pid(&self) -> Option<Pid> {
        self.resolve().ok().map(|cell| cell.head().pid)
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

fn lookup<M: Send + 'static>(name: &str, application: &str) -> Result<Arc<Cell<M>>, ResolveError> {
    running::with_node(|node| match node.process_named(name) {
        Some(process) => typed(process),
        None => Err(match node.elsewhere(application) {
            Some(release) => ResolveError::NoConnection(release),
            None => ResolveError::NoProc,
        }),
    })
    .unwrap_or(Err(ResolveError::NoNode))
}

impl<P: Protocol> Clone for Address<P> {
    fn clone(&self) -> Self {
        Self(match &self.0 {
            Target::Process(cell) => Target::Process(cell.clone()),
            Target::Name { name, application } => Target::Name { name, application },
            Target::Via(lookup) => Target::Via(lookup.clone()),
        })
    }
}

impl<P: Protocol> fmt::Display for Address<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Target::Process(cell) => cell.head().pid.fmt(f),
            Target::Name { name, .. } => f.write_str(name),
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
