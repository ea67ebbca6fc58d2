//! What a protocol says of itself, for nodes of other versions.

use std::any::{Any, type_name};
use std::fmt;

use super::Shape;
use super::layout::Rehearsal;
use crate::process::Node;
use crate::registry::contract::{Builder, Contract, Described, Kind, Type};
use crate::registry::{Protocol, Wire};

/// The terms of a protocol, as it tells them.
pub struct Terms {
    builder: Builder,
    /// Where the native format of its values is tried, if that is asked.
    rehearsal: Option<Rehearsal>,
}

impl Terms {
    /// Begins with a handler, whose messages are wrapped like this; what it takes and answers follows.
    pub fn handler(&mut self, name: &'static str, shape: Shape) {
        let kind = match shape {
            Shape::Call => Kind::Call,
            Shape::Cast => Kind::Cast,
            Shape::Info => Kind::Info,
        };
        self.builder.handler(name, kind);
    }

    pub(super) fn argument<T: Wire>(&mut self, name: &'static str) {
        let ty = self.ty::<T>();
        self.builder.argument(name, ty);
    }

    pub(super) fn reply<T: Wire>(&mut self) {
        let ty = self.ty::<T>();
        self.builder.reply(ty);
    }

    /// What was told, and what trying its values came to.
    pub(super) fn finish(self) -> (Contract, Option<Rehearsal>) {
        (self.builder.finish(), self.rehearsal)
    }

    fn ty<T: Wire>(&mut self) -> Type {
        let Self { builder, rehearsal } = self;
        match rehearsal {
            None => builder.ty::<T>(),
            Some(rehearsal) => {
                let (ty, all_read) = builder.variants_of::<T>(&mut |value| rehearsal.tries(&value));
                rehearsal.read(all_read);
                ty
            }
        }
    }
}

impl fmt::Debug for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Terms").finish_non_exhaustive()
    }
}

/// What the protocol `P` is to other nodes; nothing if its messages stay on their node.
pub(crate) fn contract<P: Protocol>() -> Option<Described> {
    let (contract, _) = told(P::tell, None).finish();
    (!contract.handlers.is_empty()).then(|| Described::new(type_name::<P>(), contract))
}

/// The same for layers that do not know what it is.
pub(crate) fn contract_of<P: Protocol>() -> Option<Box<dyn Any>> {
    contract::<P>().map(|described| Box::new(described) as Box<dyn Any>)
}

/// What a protocol tells.
pub(super) fn told(tell: fn(&mut Terms), rehearsal: Option<Rehearsal>) -> Terms {
    let mut terms = Terms { builder: Builder::default(), rehearsal };
    // Pids are read in a node, which shall not remember those that never were.
    Node::new("contract").enter(|| tell(&mut terms));
    terms
}
