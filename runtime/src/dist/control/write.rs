//! Writing.

use super::{Control, Reason, Spawned, Target, To, altact, op};
use crate::dist::message::word;
use crate::term::{EncodeError, PidParts, ReferenceParts, write};

type Written = Result<(), EncodeError>;

impl Control {
    /// Appends the control message.
    pub(crate) fn write(&self, out: &mut Vec<u8>) -> Written {
        match self {
            Self::Link { from, to } => pids(op::LINK, [from, to], out),
            Self::Unlink { from, to } => pids(op::UNLINK, [from, to], out),
            Self::GroupLeader { from, to } => pids(op::GROUP_LEADER, [from, to], out),
            Self::UnlinkId { id, from, to } => unlink(op::UNLINK_ID, *id, [from, to], out),
            Self::UnlinkIdAck { id, from, to } => unlink(op::UNLINK_ID_ACK, *id, [from, to], out),
            Self::Send { from, to } => send(from.as_ref(), to, out),
            Self::Exit { from, to, reason } => exit([op::EXIT, op::PAYLOAD_EXIT], from, to, reason, out),
            Self::Exit2 { from, to: To::Pid(to), reason } => {
                exit([op::EXIT2, op::PAYLOAD_EXIT2], from, to, reason, out)
            }
            Self::Exit2 { from, to, .. } => altact_send(altact::EXIT, from, to, out),
            Self::Monitor { from, to, reference: of } => monitor(op::MONITOR_P, from, to, of, out),
            Self::Demonitor { from, to, reference: of } => monitor(op::DEMONITOR_P, from, to, of, out),
            Self::MonitorExit { from, to, reference: of, reason } => monitor_exit(from, to, of, reason, out),
            Self::SpawnRequest(request) => {
                begin(op::SPAWN_REQUEST, 6, out);
                reference(&request.request, out)?;
                pid(&request.from, out)?;
                pid(&request.leader, out)?;
                write::tuple(3, out);
                write::atom(request.module.as_str(), out)?;
                write::atom(request.function.as_str(), out)?;
                write::integer(request.arity.into(), out);
                out.extend_from_slice(&request.options);
                Ok(())
            }
            Self::SpawnReply { request, to, flags, result } => {
                begin(op::SPAWN_REPLY, 5, out);
                reference(request, out)?;
                pid(to, out)?;
                write::integer((*flags).into(), out);
                match result {
                    Spawned::Pid(spawned) => pid(spawned, out),
                    Spawned::Error(error) => write::atom(error.as_str(), out),
                }
            }
            Self::Nothing => {
                begin(op::NODE_LINK, 1, out);
                Ok(())
            }
        }
    }
}

fn begin(op: i64, arity: u32, out: &mut Vec<u8>) {
    write::tuple(arity, out);
    write::integer(op, out);
}

fn pids(op: i64, both: [&PidParts; 2], out: &mut Vec<u8>) -> Written {
    begin(op, 3, out);
    both.into_iter().try_for_each(|one| pid(one, out))
}

fn unlink(op: i64, id: u64, both: [&PidParts; 2], out: &mut Vec<u8>) -> Written {
    begin(op, 4, out);
    crate::term::encode(&id, out)?;
    both.into_iter().try_for_each(|one| pid(one, out))
}

fn send(from: Option<&PidParts>, to: &To, out: &mut Vec<u8>) -> Written {
    match (from, to) {
        (Some(from), To::Pid(to)) => pids(op::SEND_SENDER, [from, to], out),
        (None, To::Pid(to)) => {
            begin(op::SEND, 3, out);
            word("", out);
            pid(to, out)
        }
        (Some(from), To::Name(name)) => {
            begin(op::REG_SEND, 4, out);
            pid(from, out)?;
            word("", out);
            write::atom(name.as_str(), out)
        }
        (Some(from), To::Alias(alias)) => {
            begin(op::ALIAS_SEND, 3, out);
            pid(from, out)?;
            reference(alias, out)
        }
        (None, To::Name(_) | To::Alias(_)) => Err(EncodeError::Malformed("a message of nobody")),
    }
}

fn altact_send(flags: i64, from: &PidParts, to: &To, out: &mut Vec<u8>) -> Written {
    begin(op::ALTACT_SIG_SEND, 4, out);
    let kind = match to {
        To::Pid(_) => 0,
        To::Name(_) => altact::NAME,
        To::Alias(_) => altact::ALIAS,
    };
    write::integer(flags | kind, out);
    pid(from, out)?;
    match to {
        To::Pid(to) => pid(to, out),
        To::Name(name) => write::atom(name.as_str(), out),
        To::Alias(alias) => reference(alias, out),
    }
}

fn exit(
    [inline, payload]: [i64; 2],
    from: &PidParts,
    to: &PidParts,
    reason: &Reason,
    out: &mut Vec<u8>,
) -> Written {
    match reason {
        Reason::Follows => pids(payload, [from, to], out),
        Reason::Inline(reason) => {
            begin(inline, 4, out);
            pid(from, out)?;
            pid(to, out)?;
            out.extend_from_slice(reason);
            Ok(())
        }
    }
}

fn monitor(op: i64, from: &PidParts, to: &Target, of: &ReferenceParts, out: &mut Vec<u8>) -> Written {
    begin(op, 4, out);
    pid(from, out)?;
    target(to, out)?;
    reference(of, out)
}

fn monitor_exit(
    from: &Target,
    to: &PidParts,
    of: &ReferenceParts,
    reason: &Reason,
    out: &mut Vec<u8>,
) -> Written {
    match reason {
        Reason::Follows => begin(op::PAYLOAD_MONITOR_P_EXIT, 4, out),
        Reason::Inline(_) => begin(op::MONITOR_P_EXIT, 5, out),
    }
    target(from, out)?;
    pid(to, out)?;
    reference(of, out)?;
    if let Reason::Inline(reason) = reason {
        out.extend_from_slice(reason);
    }
    Ok(())
}

fn target(target: &Target, out: &mut Vec<u8>) -> Written {
    match target {
        Target::Pid(it) => pid(it, out),
        Target::Name(name) => write::atom(name.as_str(), out),
    }
}

fn pid(pid: &PidParts, out: &mut Vec<u8>) -> Written {
    write::pid(pid.node.as_str(), pid.id, pid.serial, pid.creation, out)
}

fn reference(reference: &ReferenceParts, out: &mut Vec<u8>) -> Written {
    write::reference(reference.node.as_str(), reference.creation, reference.words(), out)
}
