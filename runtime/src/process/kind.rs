//! What is known of a process by its type.

use std::any::Any;

use super::format::LayoutOf;
use super::incoming::Import;

/// What every process of one type has in common; one word in each of them.
pub(crate) struct Kind {
    /// The name of the type, for reports.
    pub(crate) label: fn() -> &'static str,
    /// What its loop calls the handler with a number; nothing if it has no loop, and so answers no system requests.
    pub(crate) handlers: Option<fn(Handler) -> &'static str>,
    /// How it takes messages of other nodes, if it does.
    pub(crate) import: Option<Import>,
    /// What its messages are made of; nothing if they are only written as terms.
    pub(crate) layout: Option<LayoutOf>,
    /// What it can be sent from outside; nothing if nobody knows.
    pub(crate) contract: Option<ContractOf>,
}

/// Finds out what a process can be sent from outside, in the words of the layer above; nothing if its messages stay here.
pub(crate) type ContractOf = fn() -> Option<Box<dyn Any>>;

/// The number of a handler: its place in the protocol of the server, or one of those that every server has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Handler(pub(crate) u16);

impl Handler {
    /// Waits for a message.
    pub(crate) const NONE: Self = Self(u16::MAX);
    pub(crate) const INIT: Self = Self(u16::MAX - 1);
    pub(crate) const EXIT: Self = Self(u16::MAX - 2);
    pub(crate) const DOWN: Self = Self(u16::MAX - 3);
    pub(crate) const CONTINUE: Self = Self(u16::MAX - 4);
    pub(crate) const TERMINATE: Self = Self(u16::MAX - 5);
    pub(crate) const HIBERNATE: Self = Self(u16::MAX - 6);
    pub(crate) const SYSTEM: Self = Self(u16::MAX - 7);
    /// A message that a handler asked for and did not wait for.
    pub(crate) const ALIAS: Self = Self(u16::MAX - 8);

    /// The name of a callback that is no message of the server's own.
    pub(crate) fn callback(self) -> Option<&'static str> {
        Some(match self {
            Self::INIT => "init",
            Self::EXIT => "handle_exit",
            Self::DOWN => "handle_down",
            Self::CONTINUE => "handle_continue",
            Self::TERMINATE => "terminate",
            Self::HIBERNATE => "hibernate",
            Self::SYSTEM => "a system request",
            Self::ALIAS => "a message through an alias",
            Self(_) => return None,
        })
    }
}
