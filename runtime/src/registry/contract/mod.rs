//! What nodes of different versions must agree on: the messages of each protocol, as data.
//!
//! | file | what it does |
//! |---|---|
//! | `schema` | the data |
//! | `trace`, `listener` | find out what a type is made of, from how it is read |
//! | `fingerprint` | a number that is the same for protocols that are the same |
//!
//! What versions make of each other the command line finds out, from what a release has written down.

mod fingerprint;
mod listener;
mod schema;
#[cfg(test)]
mod tests;
mod trace;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub(crate) use fingerprint::of_all;
pub(crate) use schema::{Content, Contract, Definition, Field, Handler, Kind, Type, Variant};
use trace::Trace;

/// A contract with its name and fingerprint, as it is written down.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Described {
    pub(crate) protocol: String,
    /// In hexadecimal digits.
    pub(crate) fingerprint: String,
    #[serde(flatten)]
    pub(crate) contract: Contract,
}

impl Described {
    pub(crate) fn new(protocol: &str, contract: Contract) -> Self {
        let fingerprint = digits(contract.fingerprint());
        Self { protocol: protocol.to_owned(), fingerprint, contract }
    }
}

/// A fingerprint as it is written down.
pub(crate) fn digits(fingerprint: u64) -> String {
    format!("{fingerprint:016x}")
}

/// A contract in the making; what generated code fills.
#[derive(Default)]
pub(crate) struct Builder {
    handlers: Vec<Handler>,
    trace: Trace,
}

impl Builder {
    pub(crate) fn handler(&mut self, name: &str, kind: Kind) {
        self.handlers.push(Handler { name: name.to_owned(), kind, arguments: Vec::new(), reply: None });
    }

    /// What a `T` is.
    pub(crate) fn ty<T: DeserializeOwned>(&mut self) -> Type {
        self.trace.of::<T>()
    }

    /// What a `T` is, but for what may be missing; `met` is given each value that was read to find it out. Whether all
    /// were read that there should have been.
    pub(crate) fn variants_of<T: DeserializeOwned>(&mut self, met: &mut dyn FnMut(T)) -> (Type, bool) {
        self.trace.variants_of(met)
    }

    pub(crate) fn argument(&mut self, name: &str, ty: Type) {
        let optional = matches!(ty, Type::Option(_));
        if let Some(handler) = self.handlers.last_mut() {
            handler.arguments.push(Field { name: name.to_owned(), ty, optional });
        }
    }

    pub(crate) fn reply(&mut self, ty: Type) {
        if let Some(handler) = self.handlers.last_mut() {
            handler.reply = Some(ty);
        }
    }

    pub(crate) fn finish(mut self) -> Contract {
        // What came to an info of them stays on its node.
        self.handlers.retain(|handler| handler.kind != Kind::Info || !handler.arguments.is_empty());
        let types = self.trace.types.into_iter().map(|(name, definition)| (name.to_owned(), definition));
        Contract { handlers: self.handlers, types: types.collect() }
    }
}
