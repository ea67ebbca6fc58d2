//! Other nodes, as a process sees them: what it asks of them, and what of it they are told.
//!
//! A node without distribution has no [`Remote`], and then nothing beyond it can be reached, as in OTP before
//! `net_kernel` is started. What comes in is the other half; see [`incoming`](super::incoming).

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

pub(crate) use super::export::{Spawned, Tie};
pub(crate) use super::format::{Format, Layout, Spoken};
pub(crate) use super::label::Label;
use super::{ExitReason, MonitorRef, Node, NodeEvent, NodeId, Pid};
use crate::term::ReferenceParts;

/// The way to other nodes, which `dist` makes and `node` plugs in; see [`Node::set_remote`](super::Node::set_remote).
///
/// Nothing here waits. What cannot be carried out is told as OTP does: a link by an exit signal, a monitor by a `Down`,
/// with [`ExitReason::NoConnection`], as soon as that is known.
pub(crate) trait Remote: Send + Sync {
    /// The full name of this node, `c@127.0.0.1`.
    fn name(&self) -> &str;
    /// Whether something that is sent to `node` now would come there. One that is lost is looked for again by being asked
    /// about, as often as by being used.
    fn reach(&self, node: NodeId) -> Reach;

    /// `from`, which remembers the link already, links to `to`.
    fn link(&self, from: Pid, to: Pid);
    fn unlink(&self, from: Pid, to: Pid);
    /// `from`, linked to `to`, ended.
    fn link_exit(&self, from: Pid, to: Pid, reason: &ExitReason);
    /// An exit signal as of `exit/2`.
    fn exit(&self, from: Pid, to: Pid, reason: &ExitReason);
    /// The exit signal that ends `to` unconditionally: the reason `kill` of `exit/2`, which is no other's.
    fn kill(&self, from: Pid, to: Pid);

    /// `by`, which remembers the monitor already, monitors `target`.
    fn monitor(&self, monitor: MonitorRef, by: Pid, target: &Far);
    fn demonitor(&self, monitor: MonitorRef, by: Pid, target: &Far);
    /// `target`, a process of this node, ended; `by` monitored it with the reference that `dist` gave to the monitor when
    /// it came in.
    fn down(&self, monitor: MonitorRef, by: Pid, target: Pid, reason: &ExitReason);

    /// Has a process spawned. `spawned` is told what came of it before any other signal of the new process arrives.
    fn spawn(&self, request: &SpawnRequest<'_>, spawned: Spawned);

    /// Sends a cast or an info.
    fn send(&self, from: Option<Pid>, to: &Far, message: &dyn Encode) -> Result<(), Unreachable>;
    /// Sends what goes through an alias of `node`, and is dropped there if that is closed; or says why it was not sent.
    fn send_through(
        &self,
        from: Option<Pid>,
        node: NodeId,
        alias: &ReferenceParts,
        message: &dyn Encode,
    ) -> Result<(), Arc<str>>;
    /// Ready once there is room for messages to `to`, or no way there.
    fn poll_room(&self, to: &Far, cx: &mut Context<'_>) -> Poll<()>;
    /// Sends a request, whose `answer` is given up after `until` if it waits no longer than that.
    fn call(
        &self,
        from: Option<Pid>,
        to: &Far,
        request: &dyn Encode,
        until: Option<Duration>,
        answer: Box<dyn Answer>,
    ) -> Result<RemoteCall, (Unreachable, Box<dyn Answer>)>;
}

/// Whether something that is sent to a node now would come there; the best first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Reach {
    /// It is connected, or nobody has tried yet.
    Ready,
    /// It is being connected for the first time, so it would have to wait.
    Connecting,
    /// The last connection was lost, or could not be made, and there is no other.
    Lost,
}

/// A process to be spawned on another node.
pub(crate) struct SpawnRequest<'a> {
    /// What the request is called, and the monitor, if it is to have one.
    pub(crate) reference: MonitorRef,
    pub(crate) by: Pid,
    pub(crate) node: NodeId,
    pub(crate) module: &'a str,
    pub(crate) function: &'a str,
    pub(crate) arity: u8,
    /// A list, as a term.
    pub(crate) arguments: &'a [u8],
    pub(crate) tie: Tie,
}

impl Node {
    /// Plugs the way to other nodes in; only the first one counts.
    pub(crate) fn set_remote(&self, remote: Arc<dyn Remote>) {
        let _first = self.known_nodes().remote.set(remote);
    }

    /// A node was connected, or is no more; what came from it before has arrived.
    pub(crate) fn node_event(&self, event: NodeEvent) {
        self.known_nodes().note(event);
    }
}

/// Whom a message or a monitor is for; on another node, if it goes through a [`Remote`].
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Far {
    Pid(Pid),
    /// Whoever has the name there.
    Name {
        node: NodeId,
        name: Label,
    },
}

impl Far {
    /// The node it is on.
    pub(crate) fn node(&self) -> NodeId {
        match self {
            Self::Pid(pid) => pid.node(),
            Self::Name { node, .. } => *node,
        }
    }

    /// The process; that of a name is none in particular.
    pub(super) fn pid(&self) -> Pid {
        match self {
            Self::Pid(pid) => *pid,
            Self::Name { node, .. } => Pid::on(*node, 0, 0, 0),
        }
    }
}

/// Something that can be written to the wire: a term, without the wrapping that its [`Shape`] stands for.
pub(crate) trait Encode {
    fn encode(&self, out: &mut Vec<u8>) -> Result<(), EncodeError>;
    fn shape(&self) -> Shape;

    /// The protocol of the message, if those of its layout read it in the [native format](Format::Native), too.
    fn spoken(&self) -> Option<Spoken> {
        None
    }

    /// Appends it in the native format, or nothing: it may have none even if others of its protocol do.
    fn encode_native(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let _nothing = out;
        Err(EncodeError("it has no native format".into()))
    }
}

/// What a message is wrapped in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// `{'$gen_call', From, Request}`
    Call,
    /// `{'$gen_cast', Message}`
    Cast,
    /// Nothing.
    Info,
}

/// A value that no other node can be given.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("cannot be sent to another node: {0}")]
pub(crate) struct EncodeError(pub(crate) Arc<str>);

/// Whom the answer to a call is for.
pub(crate) trait Answer: Send {
    /// `body` is the reply, as it came.
    fn reply(self: Box<Self>, format: Format, body: &[u8]);
    fn fail(self: Box<Self>, failure: Failure);
}

/// Why a call has no answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Failure {
    /// There is no such process there.
    NoProc,
    /// It ended before it answered.
    Exited(ExitReason),
    /// The connection to this node was lost, or not made.
    NoConnection(Arc<str>),
    /// The time was over.
    Timeout,
    /// The other side did not understand the request, or this one not the reply.
    BadMessage(Arc<str>),
    /// There was no room for it.
    Full,
    /// The callee lives and will not answer.
    Dropped,
}

/// Why something was not sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Unreachable {
    /// There is no way to the node.
    NoConnection,
    /// Too much waits for the connection already.
    Full,
    /// It cannot be written.
    Encode(EncodeError),
}

/// A call that was sent. Dropping it gives the answer up: it is forgotten, and the callee monitored no more.
#[must_use = "dropping it cancels the call"]
pub(crate) struct RemoteCall {
    calls: Arc<dyn Calls>,
    call: MonitorRef,
}

/// The calls of a connection whose answers are still to come.
pub(crate) trait Calls: Send + Sync {
    /// Forgets the call, if it has no answer yet.
    fn cancel(&self, call: MonitorRef);
}

impl RemoteCall {
    pub(crate) fn new(calls: Arc<dyn Calls>, call: MonitorRef) -> Self {
        Self { calls, call }
    }
}

impl Drop for RemoteCall {
    fn drop(&mut self) {
        self.calls.cancel(self.call);
    }
}

/// The words of a reference on the wire, the lowest first, as many bits of each as OTP uses.
const WORD_BITS: [u32; 3] = [18, 32, 14];

impl MonitorRef {
    /// The three words of which a reference consists on the wire.
    ///
    /// Source: *External Term Format*, `NEWER_REFERENCE_EXT`: of the first word only 18 bits are significant.
    pub(crate) const fn words(self) -> [u32; 3] {
        let [low, middle, high] = WORD_BITS;
        [
            (self.0 & ((1 << low) - 1)) as u32,
            (self.0 >> low) as u32,
            (self.0 >> (low + middle)) as u32 & ((1 << high) - 1),
        ]
    }

    /// The reference of this node with these words; nothing if this node makes none such.
    pub(crate) fn from_words(words: &[u32]) -> Option<Self> {
        let [low, middle, high] = *words else { return None };
        let [low_bits, middle_bits, _] = WORD_BITS;
        let reference = Self(
            u64::from(low) | u64::from(middle) << low_bits | u64::from(high) << (low_bits + middle_bits),
        );
        (reference.words() == words).then_some(reference)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_reference_is_the_same_after_a_journey(number: u64) {
            let words = MonitorRef(number).words();
            prop_assert!(words[0] < 1 << 18);
            prop_assert_eq!(MonitorRef::from_words(&words), Some(MonitorRef(number)));
        }

        #[test]
        fn words_that_no_reference_has_are_none(words: [u32; 3], more: u32) {
            let fits = words[0] < 1 << 18 && words[2] < 1 << 14;
            prop_assert_eq!(MonitorRef::from_words(&words).is_some(), fits);
            prop_assert_eq!(MonitorRef::from_words(&words[..2]), None);
            prop_assert_eq!(MonitorRef::from_words(&[words[0], words[1], words[2], more]), None);
        }
    }
}
