//! Typed references.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use super::{Address, Client, Protocol};
use crate::process::{AnyCell, Cell, Node, Pid};

/// A reference to one process that speaks the protocol `P`, wherever it runs.
///
/// It dereferences to the client methods of `P`.
/// It does not keep the process alive, and the last one to go does not end it: a supervisor owns its children.
/// It crosses nodes as the pid of its process, with serde, and is as good there. One whose process has ended stays valid:
/// calls to it fail with [`CallError::NoProc`](crate::gen_server::CallError::NoProc).
/// Its own operations are associated functions (`Ref::pid(&counter)`), so that no method of a protocol is hidden.
pub struct Ref<P: Protocol> {
    pub(super) pid: Pid,
    pub(super) client: P::Client,
}

impl<P: Protocol> Ref<P> {
    pub(crate) fn new(cell: Arc<Cell<P::Message>>) -> Self {
        Self { pid: cell.head().pid, client: P::Client::new(Address::process(cell)) }
    }

    /// The same process, for a protocol with the same messages.
    pub(crate) fn speaking<Q: Protocol<Message = P::Message>>(&self) -> Ref<Q> {
        Ref { pid: self.pid, client: Q::Client::new(self.client.address().clone().speaking()) }
    }

    /// A reference to the process `pid`, if it runs and speaks `P`; of a process of another node both is believed.
    ///
    /// ```
    /// # use umbrella::prelude::*;
    /// # struct Counter;
    /// # #[gen_server]
    /// # impl Counter {
    /// #     fn init() -> Self { Self }
    /// #     #[call]
    /// #     fn count(&self) -> i64 { 42 }
    /// # }
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    /// # runtime.block_on(Node::new("example").scope(async {
    /// # let pid = Ref::pid(&Counter::start(()).await?);
    /// let counter: Option<Ref<Counter>> = Ref::from_pid(pid);
    /// assert_eq!(counter.expect("runs").count().await?, 42);
    /// assert_eq!(Ref::<Supervisor>::from_pid(pid), None);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # }))?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_pid(pid: Pid) -> Option<Self> {
        if pid.is_far() {
            return Some(Self::to(pid));
        }
        let process = Node::current()?.process(pid)?;
        process.into_any().downcast().ok().map(Self::new)
    }

    /// The process itself.
    pub fn pid(this: &Self) -> Pid {
        this.pid
    }
}

impl<P: Protocol> Deref for Ref<P> {
    type Target = P::Client;

    fn deref(&self) -> &P::Client {
        &self.client
    }
}

impl<P: Protocol> Clone for Ref<P> {
    fn clone(&self) -> Self {
        Self { pid: self.pid, client: P::Client::new(self.client.address().clone()) }
    }
}

impl<P: Protocol> PartialEq for Ref<P> {
    fn eq(&self, other: &Self) -> bool {
        self.pid == other.pid
    }
}

impl<P: Protocol> Eq for Ref<P> {}

impl<P: Protocol> Hash for Ref<P> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.pid.hash(state);
    }
}

impl<P: Protocol> fmt::Debug for Ref<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Ref").field(&self.pid).finish()
    }
}
