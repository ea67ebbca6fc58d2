//! What comes from other nodes for the servers of this one.

use std::sync::{Arc, Weak};
use std::time::Duration;

use super::any_cell::AnyCell;
use super::remote::{Encode, Failure, Format, Shape};
use super::{Node, Pid};

/// A message of another node.
pub(crate) struct Incoming<'a> {
    pub(crate) shape: Shape,
    pub(crate) format: Format,
    /// The message only; the wrapping that its shape stands for is removed.
    pub(crate) body: &'a [u8],
    /// Where the answer goes; calls have one.
    pub(crate) reply: Option<Box<dyn ReplyPath>>,
    /// Who sent it, if that is known.
    pub(crate) from: Option<Pid>,
    /// How long the caller waits from now on, if it said so.
    pub(crate) until: Option<Duration>,
    pub(crate) sender: Sender<'a>,
}

/// What is known of the node that a message came from.
pub(crate) enum Sender<'a> {
    Beam,
    /// One of ours. It may be of another version, and says when a caller has left: whoever reads a call leaves here how it
    /// is given up.
    Ours(&'a mut GiveUp),
}

/// How a call is given up, once it was read.
pub(crate) type GiveUp = Option<Weak<dyn Abandon>>;

/// A call whose caller is on another node.
pub(crate) trait Abandon: Send + Sync {
    /// The caller waits no longer.
    fn abandon(&self);
}

/// The way back to a caller on another node. Only the first answer counts.
pub(crate) trait ReplyPath: Send + Sync {
    fn reply(&self, body: &dyn Encode);
    fn fail(&self, failure: Failure);
}

/// Why a message of another node was not given to the process; its [`ReplyPath`], if there is one, was told.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum ImportError {
    #[error("takes no messages of other nodes")]
    Local,
    #[error("unknown message: {0}")]
    Unknown(Arc<str>),
    #[error("bad message: {0}")]
    BadMessage(Arc<str>),
    #[error("has ended")]
    Ended,
    #[error("its mailbox is full")]
    Full,
}

impl ImportError {
    /// What the sender is told, who knows that it was its message.
    pub(crate) fn into_text(self) -> Arc<str> {
        match self {
            Self::Unknown(text) | Self::BadMessage(text) => text,
            Self::Local | Self::Ended | Self::Full => self.to_string().into(),
        }
    }
}

/// Takes what other nodes ask of a process whatever its messages are: system messages, the children of a supervisor.
pub(crate) trait System: Send + Sync {
    /// Nothing if it was taken. Looks at one message for a process of this node, and does not wait.
    fn take<'a>(&self, process: &Arc<dyn AnyCell>, incoming: Incoming<'a>) -> Option<Incoming<'a>>;
}

impl Node {
    /// Plugs in who takes system messages; only the first one counts.
    pub(crate) fn set_system(&self, system: Arc<dyn System>) {
        let _first = self.known_nodes().system.set(system);
    }

    fn system(&self) -> Option<&Arc<dyn System>> {
        self.known_nodes().system.get()
    }
}

/// Makes a message of the process out of what came in, and queues it.
pub(crate) type Import = fn(&Arc<dyn AnyCell>, Incoming<'_>) -> Result<(), ImportError>;

impl dyn AnyCell {
    /// Gives the process a message of another node.
    pub(crate) fn import(self: &Arc<Self>, incoming: Incoming<'_>) -> Result<(), ImportError> {
        // What is asked of any process is asked in terms.
        let system = self.head().node.system().filter(|_| incoming.format == Format::Terms);
        let incoming = match system {
            Some(system) => match system.take(self, incoming) {
                Some(incoming) => incoming,
                None => return Ok(()),
            },
            None => incoming,
        };
        match self.head().kind().import {
            Some(import) => import(self, incoming),
            None => {
                if let Some(reply) = incoming.reply {
                    reply.fail(Failure::BadMessage(ImportError::Local.into_text()));
                }
                Err(ImportError::Local)
            }
        }
    }
}
