//! References in messages: on the wire a reference is the pid of its process.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::address::Target;
use super::there::Away;
use super::{Address, Client, Protocol, Ref};
use crate::process::{Node, Pid};

impl<P: Protocol> Serialize for Ref<P> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::pid(self).serialize(serializer)
    }
}

/// What the process speaks is believed: a message that it does not understand fails as one to nobody does.
impl<'de, P: Protocol> Deserialize<'de> for Ref<P> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Pid::deserialize(deserializer).map(Self::to)
    }
}

impl<P: Protocol> Ref<P> {
    /// A reference to `pid`, wherever it runs and whether it does.
    pub(super) fn to(pid: Pid) -> Self {
        let here = if pid.is_far() { None } else { Node::current().and_then(|node| node.process(pid)) };
        match here.and_then(|process| process.into_any().downcast().ok()) {
            Some(cell) => Self::new(cell),
            None => Self::away(pid),
        }
    }

    fn away(pid: Pid) -> Self {
        Self { pid, client: P::Client::new(Address(Target::Away(Arc::new(Away::Pid(pid))))) }
    }
}
