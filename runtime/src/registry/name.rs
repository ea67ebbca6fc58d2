//! Typed names.

use std::fmt;
use std::ops::Deref;

use super::address::Target;
use super::{Client, Protocol};
use crate::process::Pid;

/// The name of a process that speaks the protocol `P`.
///
/// A name is a constant: `const COUNTER: Name<Counter> = Counter::named("b_counter");`.
/// It dereferences to the client methods of `P`, and finds its process anew on every use, so it survives restarts.
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
            // Only reachable by building a `Name` around a `Ref`'s client by hand.
            Target::Process(_) | Target::Via(_) => "",
        }
    }

    /// The process that has the name now on this node.
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
