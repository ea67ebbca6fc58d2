//! Typed names.

use std::fmt;
use std::hash::Hash;
use std::ops::Deref;
use std::sync::Arc;

use super::address::Target;
use super::there::Away;
use super::{Address, Client, Protocol};
use crate::process::{Pid, hash};

/// The name of a process that speaks the protocol `P`.
///
/// A name is a constant: `const COUNTER: Name<Counter> = Counter::named("b_counter");`.
/// It dereferences to the client methods of `P`, and finds its process anew on every use, so it survives restarts.
/// A name that nobody has on this node is looked for on the node that runs its application, if that is another one; of
/// several the [`Routing`](crate::process::Routing) chooses.
///
/// Source: Gleam's `Name(message)`; OTP `register/2`.
pub struct Name<P: Protocol> {
    client: P::Client,
}

impl<P: Protocol> Name<P> {
    /// A name from its client; what `Counter::named` uses.
    pub const fn from_client(client: P::Client) -> Self {
        Self { client }
    }

    /// The name itself.
    pub fn as_str(this: &Self) -> &'static str {
        match &this.client.address().0 {
            Target::Name { name, .. } => name,
            Target::Away(away) => away.name(),
            // Only reachable by building a `Name` around a `Ref`'s client by hand.
            Target::Process(_) | Target::Via(_) => "",
        }
    }

    /// The process that has the name on `node`, which is given by its full name, whatever runs there.
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
    /// const COUNTER: Name<Counter> = Counter::named("c_counter");
    ///
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    /// # runtime.block_on(Node::new("example").scope(async {
    /// // This node has no way to others.
    /// let there = Name::on(&COUNTER, "c@127.0.0.1").count().await;
    /// assert_eq!(there, Err(CallError::NoConnection("c@127.0.0.1".into())));
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # }))?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Source: OTP `gen_server:call({Name, Node}, Request)`.
    pub fn on(this: &Self, node: impl Into<Arc<str>>) -> Self {
        Self::away(Away::On { node: node.into(), name: Self::as_str(this) })
    }

    /// The process that has the name where the instance runs that is responsible for `key`.
    ///
    /// Of an application with several instances every node chooses the same one for a key, by rendezvous hashing: when an
    /// instance comes or goes, only its keys move. While a node is lost, its keys lead to others, spread over all that
    /// can be reached, and back when it is there again; each node goes by its own connections, so for as long as a
    /// network is cut in two, both sides may serve a key. Of an application with one instance it is that.
    ///
    /// What must not be served twice has a name of [`global`](crate::registry::global).
    pub fn by_key(this: &Self, key: &(impl Hash + ?Sized)) -> Self {
        match &this.client.address().0 {
            Target::Name { name, application } => {
                Self::away(Away::ByKey { application, name, key: hash(key) })
            }
            // Its node is chosen.
            Target::Process(_) | Target::Via(_) | Target::Away(_) => this.clone(),
        }
    }

    fn away(away: Away) -> Self {
        Self { client: P::Client::new(Address(Target::Away(Arc::new(away)))) }
    }

    /// The process that has the name now, if it is one of this node.
    pub fn pid(this: &Self) -> Option<Pid> {
        this.client.address().pid()
    }
}

impl<P: Protocol> Deref for Name<P> {
    type Target = P::Client;

    fn deref(&self) -> &P::Client {
        &self.client
    }
}

impl<P: Protocol> Clone for Name<P> {
    fn clone(&self) -> Self {
        Self { client: P::Client::new(self.client.address().clone()) }
    }
}

impl<P: Protocol> fmt::Debug for Name<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Name").field(&Self::as_str(self)).finish()
    }
}
