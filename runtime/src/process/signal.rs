//! What processes tell each other about their ends.

use std::any::Any;

use super::control::Control;
use super::kind::Handler;
use super::{ExitReason, MonitorRef, Pid};

/// A linked process ended, seen by a process that traps exits.
///
/// Source: OTP `{'EXIT', Pid, Reason}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exit {
    /// The process that ended, or that sent the exit signal.
    pub from: Pid,
    /// Why.
    pub reason: ExitReason,
}

/// A monitored process ended.
///
/// Source: OTP `{'DOWN', Ref, process, Pid, Reason}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Down {
    /// The monitor that fired; it is gone now.
    pub monitor: MonitorRef,
    /// The process that ended; one that is nobody's, of the right node, if a [name](super::monitor_name) was monitored.
    pub pid: Pid,
    /// Why; [`ExitReason::NoProc`] if it was gone before the monitor was set.
    pub reason: ExitReason,
}

/// What the runtime puts in a mailbox beside the server's own messages, in the order in which things happened.
#[derive(Debug)]
pub(crate) enum SystemMessage {
    Exit(Exit),
    Down(Down),
    /// Came through this alias, for whoever waits for it.
    Through(MonitorRef, Box<dyn Any + Send>),
    /// Only ever the first.
    Control(Control),
}

impl SystemMessage {
    /// The callback that handles it.
    pub(super) fn handler(&self) -> Handler {
        match self {
            Self::Exit(_) => Handler::EXIT,
            Self::Down(_) => Handler::DOWN,
            Self::Through(..) => Handler::ALIAS,
            Self::Control(_) => Handler::CONTINUE,
        }
    }
}

/// Chooses among the messages of a mailbox.
pub(crate) type Wanted<'a> = &'a (dyn Fn(&SystemMessage) -> bool + Sync);

/// One entry of a mailbox.
pub(crate) enum Envelope<M> {
    Message(M),
    /// Boxed because it is rare: a mailbox slot stays the size of the server's own messages.
    System(Box<SystemMessage>),
    /// Never refused and never dropped, and not counted, by a mailbox with bounds; nothing else has these.
    Kept(Box<M>),
}
