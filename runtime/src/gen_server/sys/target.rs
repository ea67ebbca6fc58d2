//! Whom a system request is for.

use super::SysError;
use crate::gen_server::GenServer;
use crate::process::{Node, Pid};
use crate::registry::{Name, Protocol, Ref};

/// A process, however it is known: a [`Pid`], a [`Ref`], a [`Name`], or the text of its name.
pub trait Target {
    /// Which process it is.
    ///
    /// # Errors
    /// [`SysError::NoProc`] if nobody has the name; [`SysError::NoNode`] for text outside a node.
    fn pid(&self) -> Result<Pid, SysError>;
}

/// A process that may run the server `S`.
///
/// A [`Ref`] and a [`Name`] run only servers of their protocol; of a [`Pid`] and a text it is found out when asked.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not run a `{S}`",
    note = "the state has the type of the server behind the reference, or ask by its pid"
)]
pub trait Runs<S: GenServer>: Target {}

impl Target for Pid {
    fn pid(&self) -> Result<Pid, SysError> {
        Ok(*self)
    }
}

impl Target for str {
    fn pid(&self) -> Result<Pid, SysError> {
        Node::current().ok_or(SysError::NoNode)?.whereis(self).ok_or(SysError::NoProc)
    }
}

impl<P: Protocol> Target for Ref<P> {
    fn pid(&self) -> Result<Pid, SysError> {
        Ok(Self::pid(self))
    }
}

impl<P: Protocol> Target for Name<P> {
    fn pid(&self) -> Result<Pid, SysError> {
        Self::pid(self).ok_or(SysError::NoProc)
    }
}

impl<S: GenServer> Runs<S> for Pid {}
impl<S: GenServer> Runs<S> for str {}
impl<S: GenServer<Protocol = P>, P: Protocol> Runs<S> for Ref<P> {}
impl<S: GenServer<Protocol = P>, P: Protocol> Runs<S> for Name<P> {}
