//! How messages are written for other nodes: as terms, or, between nodes whose types are alike, without their names.

use std::any::TypeId;

use super::Node;
pub(crate) use crate::term::Format;

/// What the messages of a protocol and their answers are made of: two protocols with the same number write and read alike.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Layout(pub(crate) u64);

/// Finds the layout of a protocol out, once in each node; nothing if its messages are only written as terms.
///
/// Takes as long as it takes to read each type of the protocol a few times. Runs code of users: no lock is held meanwhile.
pub(crate) type LayoutOf = fn(&Node) -> Option<Layout>;

/// The protocol of a message.
#[derive(Clone, Copy)]
pub(crate) struct Spoken {
    pub(crate) id: TypeId,
    pub(crate) layout: LayoutOf,
}
