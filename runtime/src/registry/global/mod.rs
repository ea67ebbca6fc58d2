//! Names that one process has among all connected nodes of umbrella.
//!
//! Nodes that see each other agree on who has a name: each keeps all names, and registering one waits for the consent of
//! all. OTP's `global`, which Erlang nodes share among themselves, is another thing and not touched.
//!
//! | file | what it does |
//! |---|---|
//! | `registrar` | decides; pure |
//! | `server` | the process that does it |

mod registrar;
pub(crate) mod server;
#[cfg(test)]
mod tests;

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use tokio::sync::oneshot;

use super::address::Target;
use super::there::Away;
use super::{Address, Client, Protocol, Ref, RegisterError};
use crate::process::{Node, Pid, self_pid};
use registrar::Event;
use server::{Holder, Names, Told};

/// A name that one process has among all connected nodes; it speaks the protocol `P`.
///
/// It is a constant, as a [`Name`](super::Name) is, which a node has for itself: `const LEADER: Global<Leader> =
/// Global::new("leader");`. A process registers it, mostly in its `init`, and loses it when it ends, when its node is
/// lost, or by [`unregister`](Self::unregister).
///
/// When nodes that did not see each other do, and both have a process of the name, one of the two is killed, and told of
/// by a warning of `umbrella::global`: that on the node whose name sorts last.
///
/// ```
/// # use umbrella::prelude::*;
/// use umbrella::registry::global::Global;
///
/// const LEADER: Global<Leader> = Global::new("leader");
///
/// struct Leader;
///
/// #[gen_server]
/// impl Leader {
///     async fn init() -> Result<Self, ExitReason> {
///         LEADER.register().await?;
///         Ok(Self)
///     }
///     #[call]
///     fn age(&self) -> u32 {
///         42
///     }
/// }
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # let node = Node::new("example");
/// # runtime.block_on(node.clone().scope(async move {
/// let leader = Leader::start(()).await?;
/// assert_eq!(LEADER.whereis(), Some(leader));
/// // Whoever has the name then, on whichever node.
/// assert_eq!(LEADER.via().age().await?, 42);
/// assert!(Leader::start(()).await.is_err());
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # }))?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
///
/// Source: OTP `global`.
/// Differs: in OTP it is chance that decides who of two keeps a name (`random_exit_name`), here all nodes decide alike;
/// and nodes are not disconnected for the sake of it (`prevent_overlapping_partitions`).
pub struct Global<P> {
    name: &'static str,
    protocol: PhantomData<fn() -> P>,
}

impl<P: Protocol> Global<P> {
    /// The name `name`.
    pub const fn new(name: &'static str) -> Self {
        Self { name, protocol: PhantomData }
    }

    /// The name itself.
    pub fn as_str(&self) -> &'static str {
        self.name
    }

    /// Gives the name to the running process.
    ///
    /// It waits for all connected nodes; one that hangs is not waited for any longer than until it is taken for lost.
    ///
    /// Source: OTP `global:register_name/2`.
    ///
    /// # Errors
    /// [`RegisterError::AlreadyRegistered`] by whom, this process included; [`RegisterError::NotAProcess`].
    ///
    /// # Cancel safety
    /// The process may get the name, whether the future is dropped or not.
    pub async fn register(&self) -> Result<(), RegisterError> {
        let pid = self_pid().ok_or(RegisterError::NotAProcess)?;
        let node = Node::current().ok_or(RegisterError::NotAProcess)?;
        let (names, name): (_, Box<str>) = (Names::of(&node), self.name.into());
        let holder = Holder { names: Arc::downgrade(&names), node: node.downgrade(), name: name.clone() };
        let process = node.process(pid).ok_or(RegisterError::NotAProcess)?;
        let place: Arc<dyn crate::process::Place> = Arc::new(holder);
        if !process.add_place(&place) {
            return Err(RegisterError::NotAProcess);
        }
        let (answer, answered) = oneshot::channel();
        names.tell(&node, Told::Register(name, pid, answer));
        match answered.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(has)) => Err(RegisterError::AlreadyRegistered(has)),
            Err(_gone) => Err(RegisterError::NotAProcess),
        }
    }

    /// Takes the name from whoever has it, on whichever node; there it is gone when the node has heard of it.
    ///
    /// Source: OTP `global:unregister_name/1`.
    pub fn unregister(&self) {
        if let Some(node) = Node::current() {
            Names::of(&node).tell(&node, Told::Event(Event::Unregister(self.name.into())));
        }
    }

    /// Who has the name, as far as this node knows; that it speaks `P` is believed of a process of another node.
    ///
    /// Source: OTP `global:whereis_name/1`.
    pub fn whereis(&self) -> Option<Ref<P>> {
        let node = Node::current()?;
        Ref::from_pid(Names::of(&node).whereis(self.name)?)
    }

    /// The methods of `P`, of whoever has the name when they are called.
    ///
    /// Source: OTP `{global, Name}`, `{via, Module, Name}`.
    pub fn via(&self) -> P::Client {
        P::Client::new(Address(Target::Away(Arc::new(Away::Global(self.name)))))
    }
}

impl<P> Clone for Global<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for Global<P> {}

impl<P> fmt::Debug for Global<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Global").field(&self.name).finish()
    }
}

/// The names that processes have among all connected nodes, in no order; none outside a node.
///
/// Source: OTP `global:registered_names/0`.
pub fn registered_names() -> Vec<(Arc<str>, Pid)> {
    Node::current().map_or_else(Vec::new, |node| Names::of(&node).all())
}

/// Who has `name`, as far as `node` knows.
pub(super) fn whereis(node: &Node, name: &str) -> Option<Pid> {
    Names::of(node).whereis(name)
}
