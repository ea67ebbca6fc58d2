//! Whether the messages of a protocol are written without their names, and for whom: its layout.
//!
//! What a type is made of is found out from how it is read. That it is written as it is read, and read the same without
//! names, cannot be seen in it: serializers of users may do what they like, and a variant that is left out when reading
//! changes the numbers of those behind it. So each value that was read to find the type out, one for every variant there
//! is, is written and read again. If one of them does not come back, the protocol is spoken in terms.

#[cfg(test)]
mod tests;

use std::any::TypeId;
use std::collections::HashMap;
use std::hash::Hasher;
use std::sync::{PoisonError, RwLock};

use super::terms::{Terms, told};
use super::{Shape, Wire};
use crate::process::remote::Layout;
use crate::process::{Node, StableHasher, attempt};
use crate::registry::Protocol;
use crate::term::{Format, decode_as, encode, encode_as};

/// The layouts that were found out in a node.
#[derive(Default)]
struct Layouts(RwLock<HashMap<TypeId, Option<Layout>>>);

/// The layout of the protocol `P`; nothing if its messages are only written as terms.
pub(crate) fn layout<P: Protocol>(node: &Node) -> Option<Layout> {
    let protocol = TypeId::of::<P>();
    node.extensions().get::<Layouts>("").of(protocol, || find(P::HANDLERS, P::SHAPES, P::tell))
}

impl Layouts {
    fn of(&self, protocol: TypeId, find: impl FnOnce() -> Option<Layout>) -> Option<Layout> {
        if let Some(layout) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&protocol) {
            return *layout;
        }
        // Without the lock: this runs code of users, which may panic.
        let layout = attempt(find).ok().flatten();
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(protocol, layout);
        layout
    }
}

fn find(handlers: &[&str], shapes: &[Shape], tell: fn(&mut Terms)) -> Option<Layout> {
    shapes.iter().find(|shape| **shape != Shape::Info)?;
    let (contract, rehearsal) = told(tell, Some(Rehearsal::default())).finish();
    let Rehearsal { mut hasher, failed } = rehearsal?;
    if failed || !contract.is_known() {
        return None;
    }
    hasher.write(&contract.fingerprint().to_le_bytes());
    for (handler, shape) in handlers.iter().zip(shapes) {
        hasher.write(handler.as_bytes());
        // No name has such a byte.
        let shape = match shape {
            Shape::Call => 0xfd,
            Shape::Cast => 0xfe,
            Shape::Info => 0xff,
        };
        hasher.write(&[shape]);
    }
    Some(Layout(hasher.finish()))
}

/// Writes and reads values, and keeps in mind what was written.
#[derive(Default)]
pub(super) struct Rehearsal {
    hasher: StableHasher,
    failed: bool,
}

impl Rehearsal {
    /// That `value` comes back.
    pub(super) fn tries<T: Wire>(&mut self, value: &T) {
        self.failed = self.failed || !self.comes_back(value).unwrap_or(false);
    }

    /// Whether it read what there is of a type.
    pub(super) fn read(&mut self, all: bool) {
        self.failed |= !all;
    }

    fn comes_back<T: Wire>(&mut self, value: &T) -> Option<bool> {
        let mut native = Vec::new();
        encode_as(Format::Native, value, &mut native).ok()?;
        let again: T = decode_as(Format::Native, &native).ok()?;
        self.hasher.write(&(native.len() as u64).to_le_bytes());
        self.hasher.write(&native);
        let (mut before, mut after) = (Vec::new(), Vec::new());
        encode(value, &mut before).ok()?;
        encode(&again, &mut after).ok()?;
        Some(before == after)
    }
}
