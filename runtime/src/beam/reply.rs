//! The ways back to whoever asked.

use std::sync::Arc;

use super::identity::read_pid;
use crate::process::incoming::ReplyPath;
use crate::process::remote::{Encode, EncodeError, Failure, Far, Shape};
use crate::process::{Node, Pid};
use crate::term::{PidParts, Term};

/// A term as a message, or as an answer.
pub(super) struct Message(pub(super) Term);

impl Encode for Message {
    fn encode(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.0.write(out).map_err(|error| EncodeError(error.to_string().into()))
    }

    fn shape(&self) -> Shape {
        Shape::Info
    }
}

/// Sends `message` to a process of another node; as in OTP, nobody is told if it does not arrive.
pub(super) fn send(node: &Node, from: Option<Pid>, to: Pid, message: Term) {
    if let Some(remote) = node.remote() {
        let _lost = remote.send(from, &Far::Pid(to), &Message(message));
    }
}

/// Whom an answer is for.
pub(super) enum Caller {
    /// Who called as servers are called.
    Path(Box<dyn ReplyPath>),
    /// Who asked with `{Pid, Tag}` in a message.
    Tagged(Pid, Term),
}

impl Caller {
    /// `{Pid, Tag}`.
    pub(super) fn tagged(node: &Node, from: &Term) -> Option<Self> {
        let [Term::Pid(pid), tag] = from.as_tuple()? else { return None };
        Some(Self::Tagged(read_pid(node, pid)?, tag.clone()))
    }

    pub(super) fn reply(self, node: &Node, answer: Term) {
        match self {
            Self::Path(path) => path.reply(&Message(answer)),
            Self::Tagged(to, tag) => send(node, None, to, Term::tuple([tag, answer])),
        }
    }

    /// What was asked is not understood; whoever did not call has nothing to be told.
    pub(super) fn refuse(self, why: &str) {
        if let Self::Path(path) = self {
            path.fail(Failure::BadMessage(Arc::from(why)));
        }
    }
}

/// The pid in `{Pid, ...}`.
pub(super) fn pid_of(node: &Node, term: &Term) -> Option<Pid> {
    let Term::Pid(parts) = term else { return None };
    let parts: &PidParts = parts;
    read_pid(node, parts)
}
