//! What comes from the other side.

use std::sync::Arc;

use super::Connection;
use super::inbound::Inbound;
use super::outbox::When;
use super::tables::Monitored;
use super::words::OURS;
use crate::dist::control::{Control, ControlError, Reason, Target, To};
use crate::dist::frame::TooLong;
use crate::dist::message::PASS_THROUGH;
use crate::dist::reason::{is_kill, read_failure, read_reason};
use crate::process::{ExitReason, MonitorRef, Node, Pid};
use crate::term::{DecodeError, PidParts, Reader, ReferenceParts};

/// What is wrong with what came; the connection is closed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum Garbled {
    #[error("a message that begins with {0}")]
    Unknown(u8),
    #[error("a control message is {0}")]
    Control(#[from] ControlError),
    #[error("a message is {0}")]
    Term(#[from] DecodeError),
    #[error("{}", match .0 { Some(word) => format!("word {word} of umbrella is not as it should be"), None => "an empty word".into() })]
    Word(Option<u8>),
    #[error("too much in streams of messages, or one in another")]
    Streams,
    #[error("{0} in parts")]
    TooLong(#[from] TooLong),
}

type Received = Result<(), Garbled>;

impl Connection {
    /// One message, behind its length; an empty one says that the other side lives.
    pub(crate) fn receive(self: &Arc<Self>, node: &Node, message: &[u8], inbound: &mut Inbound) -> Received {
        let Some((first, rest)) = message.split_first() else { return Ok(()) };
        match *first {
            PASS_THROUGH => {}
            OURS => return self.told(node, rest, inbound),
            first => return Err(Garbled::Unknown(first)),
        }
        let mut reader = Reader::new(rest);
        reader.version()?;
        let control = Control::read(&mut reader)?;
        let payload = if reader.rest().is_empty() {
            &[][..]
        } else {
            reader.version()?;
            reader.rest()
        };
        self.obey(node, control, payload, inbound)
    }

    fn obey(
        self: &Arc<Self>,
        node: &Node,
        control: Control,
        payload: &[u8],
        inbound: &mut Inbound,
    ) -> Received {
        match control {
            Control::Send { from, to } => self.deliver(node, from.as_ref(), to, payload, inbound)?,
            Control::Link { from, to } => self.linked(node, &from, &to),
            Control::Unlink { from, to } => self.unlinked(node, &from, &to),
            Control::UnlinkId { id, from, to } => {
                self.unlinked(node, &from, &to);
                self.acknowledge(node, id, from, to);
            }
            Control::UnlinkIdAck { id, from, to } => {
                if let (Some(from), Some(to)) = (self.names.pid(node, &from), self.names.pid(node, &to)) {
                    self.tables().unlinked(to, from, id);
                }
            }
            Control::Exit { from, to, reason } => {
                self.exited(node, &from, &to, reason_of(&reason, payload))?
            }
            Control::Exit2 { from, to, reason } => {
                self.told_to_exit(node, &from, &to, reason_of(&reason, payload))?;
            }
            Control::Monitor { from, to, reference } => self.monitored(node, &from, to, reference),
            Control::Demonitor { reference, .. } => {
                let taken = self.tables().take_by_reference(&reference);
                if let Some((monitor, monitored)) = taken {
                    node.demonitor_arrived(monitor, monitored.pid);
                }
            }
            Control::MonitorExit { reference, reason, .. } => {
                self.monitor_fired(node, &reference, reason_of(&reason, payload))?;
            }
            Control::SpawnRequest(request) => self.spawn_arrived(node, *request, payload),
            Control::SpawnReply { request, result, .. } => self.spawn_answered(node, &request, result),
            // Who leads a process here is decided here.
            Control::GroupLeader { .. } | Control::Nothing => {}
        }
        Ok(())
    }

    fn acknowledge(&self, node: &Node, id: u64, from: PidParts, to: PidParts) {
        let of = self.names.pid(node, &to).unwrap_or(Pid::outside(node.creation()));
        self.signal(of, &Control::UnlinkIdAck { id, from: to, to: from }, None, When::Soon);
    }

    /// Both ends of a link or an exit, as pids: there, and here.
    fn ends(&self, node: &Node, from: &PidParts, to: &PidParts) -> Option<(Pid, Pid)> {
        Some((self.names.pid(node, from)?, self.names.pid(node, to)?))
    }

    fn linked(&self, node: &Node, from: &PidParts, to: &PidParts) {
        let Some((there, here)) = self.ends(node, from, to) else { return };
        // Whoever links to a process can end it.
        if let Err(not_allowed) = self.allow_stop(node, here) {
            return self.send_link_exit(here, there, &ExitReason::error(not_allowed));
        }
        if !self.tables().link_arrived(here, there) || node.link_arrived(there, here) {
            return;
        }
        if self.tables().take_link(here, there) {
            self.send_link_exit(here, there, &ExitReason::NoProc);
        }
    }

    fn unlinked(&self, node: &Node, from: &PidParts, to: &PidParts) {
        let Some((there, here)) = self.ends(node, from, to) else { return };
        let was_linked = self.tables().take_link(here, there);
        if was_linked {
            node.unlink_arrived(there, here);
        }
    }

    fn exited(&self, node: &Node, from: &PidParts, to: &PidParts, reason: &[u8]) -> Received {
        let reason = read_reason(reason)?;
        let Some((there, here)) = self.ends(node, from, to) else { return Ok(()) };
        let was_linked = self.tables().take_link(here, there);
        if was_linked {
            node.link_exit_arrived(there, here, reason);
        }
        Ok(())
    }

    fn told_to_exit(&self, node: &Node, from: &PidParts, to: &To, reason: &[u8]) -> Received {
        let to = match to {
            To::Pid(to) => self.names.pid(node, to),
            To::Name(name) => node.whereis(name.as_str()),
            To::Alias(_) => None,
        };
        let (Some(from), Some(to)) = (self.names.pid(node, from), to) else { return Ok(()) };
        if self.allow_stop(node, to).is_err() {
            return Ok(());
        }
        if is_kill(reason) {
            node.kill_arrived(to);
        } else {
            node.exit_arrived(from, to, read_reason(reason)?);
        }
        Ok(())
    }

    fn monitored(&self, node: &Node, from: &PidParts, target: Target, reference: ReferenceParts) {
        let Some(by) = self.names.pid(node, from) else { return };
        let pid = match &target {
            Target::Pid(pid) => self.names.pid(node, pid),
            Target::Name(name) => node.whereis(name.as_str()),
        };
        let pid = pid.unwrap_or(Pid::outside(node.creation()));
        let (monitor, monitored) = (node.next_reference(), Monitored { reference, by, target, pid });
        // First here, then there: if the process ends in between, its end finds the monitor.
        if self.tables().add_monitored(monitor, monitored).is_err() {
            return;
        }
        if !node.monitor_arrived(monitor, by, pid) {
            self.down(monitor, &ExitReason::NoProc);
        }
    }

    fn monitor_fired(&self, node: &Node, reference: &ReferenceParts, reason: &[u8]) -> Received {
        let Some(monitor) = self.own(reference) else { return Ok(()) };
        let failure = read_failure(reason, &self.names.name)?;
        if self.call_failed(monitor, || failure) {
            return Ok(());
        }
        let held = self.tables().monitors.remove(&monitor);
        if let Some(held) = held {
            node.down_arrived(monitor, held.by, read_reason(reason)?);
        }
        Ok(())
    }

    /// A reference that this node, in this life, has made.
    pub(super) fn own(&self, reference: &ReferenceParts) -> Option<MonitorRef> {
        let is_own = reference.node == self.names.here && reference.creation == self.names.creation;
        if is_own { MonitorRef::from_words(reference.words()) } else { None }
    }
}

fn reason_of<'a>(reason: &'a Reason, payload: &'a [u8]) -> &'a [u8] {
    match reason {
        Reason::Inline(reason) => reason,
        Reason::Follows => payload,
    }
}
