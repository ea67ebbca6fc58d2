//! Reading.

use super::{Control, Reason, SpawnRequest, Spawned, Target, To, altact, op};
use crate::term::{Atom, DecodeError, Reader};

/// Why a control message is none.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum ControlError {
    #[error("not the term that it should be: {0}")]
    Term(#[from] DecodeError),
    #[error("there is no operation {0} with {1} elements")]
    Unknown(i64, u32),
    #[error("{0} is out of range")]
    Range(&'static str),
}

type Read<T> = Result<T, ControlError>;

impl Control {
    /// Takes a control message, behind which a message may follow.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Read<Self> {
        let arity = reader.tuple()?;
        let op = reader.small_integer()?;
        let control = read_op(op, arity, reader)?;
        Ok(control)
    }
}

fn read_op(op: i64, arity: u32, r: &mut Reader<'_>) -> Read<Control> {
    Ok(match (op, arity) {
        (op::LINK, 3) => Control::Link { from: r.pid()?, to: r.pid()? },
        (op::UNLINK, 3) => Control::Unlink { from: r.pid()?, to: r.pid()? },
        (op::NODE_LINK, 1) => Control::Nothing,
        (op::GROUP_LEADER, 3) => Control::GroupLeader { from: r.pid()?, to: r.pid()? },
        (op::UNLINK_ID, 4) => Control::UnlinkId { id: unlink_id(r)?, from: r.pid()?, to: r.pid()? },
        (op::UNLINK_ID_ACK, 4) => Control::UnlinkIdAck { id: unlink_id(r)?, from: r.pid()?, to: r.pid()? },
        (op::SEND, 3) => {
            skip(r)?;
            Control::Send { from: None, to: To::Pid(r.pid()?) }
        }
        (op::SEND_TT, 4) => {
            skip(r)?;
            let to = To::Pid(r.pid()?);
            skip(r)?;
            Control::Send { from: None, to }
        }
        (op::REG_SEND, 4) => Control::Send { from: Some(r.pid()?), to: registered(r)? },
        (op::SEND_SENDER, 3) => Control::Send { from: Some(r.pid()?), to: To::Pid(r.pid()?) },
        (op::ALIAS_SEND, 3) => Control::Send { from: Some(r.pid()?), to: To::Alias(r.reference()?) },
        (op::REG_SEND_TT, 5) => with_token(Control::Send { from: Some(r.pid()?), to: registered(r)? }, r)?,
        (op::SEND_SENDER_TT, 4) => {
            with_token(Control::Send { from: Some(r.pid()?), to: To::Pid(r.pid()?) }, r)?
        }
        (op::ALIAS_SEND_TT, 4) => {
            with_token(Control::Send { from: Some(r.pid()?), to: To::Alias(r.reference()?) }, r)?
        }
        (op::ALTACT_SIG_SEND, 4 | 5) => altact(arity, r)?,
        (op::MONITOR_P, 4) => Control::Monitor { from: r.pid()?, to: target(r)?, reference: r.reference()? },
        (op::DEMONITOR_P, 4) => {
            Control::Demonitor { from: r.pid()?, to: target(r)?, reference: r.reference()? }
        }
        (op::MONITOR_P_EXIT, 5) => Control::MonitorExit {
            from: target(r)?,
            to: r.pid()?,
            reference: r.reference()?,
            reason: inline(r)?,
        },
        (op::PAYLOAD_MONITOR_P_EXIT, 4) => Control::MonitorExit {
            from: target(r)?,
            to: r.pid()?,
            reference: r.reference()?,
            reason: Reason::Follows,
        },
        (op::SPAWN_REQUEST, 6) => spawn_request(r)?,
        (op::SPAWN_REQUEST_TT, 7) => with_token(spawn_request(r)?, r)?,
        (op::SPAWN_REPLY, 5) => spawn_reply(r)?,
        (op::SPAWN_REPLY_TT, 6) => with_token(spawn_reply(r)?, r)?,
        _ => return read_exit(op, arity, r),
    })
}

fn read_exit(op: i64, arity: u32, r: &mut Reader<'_>) -> Read<Control> {
    let is_two = matches!(op, op::EXIT2 | op::EXIT2_TT | op::PAYLOAD_EXIT2 | op::PAYLOAD_EXIT2_TT);
    let (has_token, is_inline) = match (op, arity) {
        (op::EXIT | op::EXIT2, 4) => (false, true),
        (op::EXIT_TT | op::EXIT2_TT, 5) => (true, true),
        (op::PAYLOAD_EXIT | op::PAYLOAD_EXIT2, 3) => (false, false),
        (op::PAYLOAD_EXIT_TT | op::PAYLOAD_EXIT2_TT, 4) => (true, false),
        _ => return Err(ControlError::Unknown(op, arity)),
    };
    let (from, to) = (r.pid()?, r.pid()?);
    if has_token {
        skip(r)?;
    }
    let reason = if is_inline { inline(r)? } else { Reason::Follows };
    Ok(if is_two {
        Control::Exit2 { from, to: To::Pid(to), reason }
    } else {
        Control::Exit { from, to, reason }
    })
}

/// Since OTP 28: messages and `exit/2` with options, and to aliases.
fn altact(arity: u32, r: &mut Reader<'_>) -> Read<Control> {
    let flags = r.small_integer()?;
    let from = r.pid()?;
    let to = if flags & altact::ALIAS != 0 {
        To::Alias(r.reference()?)
    } else if flags & altact::NAME != 0 {
        To::Name(atom(r)?)
    } else {
        To::Pid(r.pid()?)
    };
    match (flags & altact::TOKEN != 0, arity) {
        (true, 5) => skip(r)?,
        (false, 4) => {}
        _ => return Err(ControlError::Unknown(op::ALTACT_SIG_SEND, arity)),
    }
    Ok(if flags & altact::EXIT != 0 {
        Control::Exit2 { from, to, reason: Reason::Follows }
    } else {
        Control::Send { from: Some(from), to }
    })
}

fn spawn_request(r: &mut Reader<'_>) -> Read<Control> {
    let (request, from, leader) = (r.reference()?, r.pid()?, r.pid()?);
    r.tuple_of(3)?;
    let (module, function) = (atom(r)?, atom(r)?);
    let arity = u8::try_from(r.small_integer()?).map_err(|_| ControlError::Range("an arity"))?;
    let options = term(r)?;
    Ok(Control::SpawnRequest(Box::new(SpawnRequest {
        request,
        from,
        leader,
        module,
        function,
        arity,
        options,
    })))
}

fn spawn_reply(r: &mut Reader<'_>) -> Read<Control> {
    let (request, to) = (r.reference()?, r.pid()?);
    let flags = u32::try_from(r.small_integer()?).map_err(|_| ControlError::Range("a flag"))?;
    let result = if r.is_atom() { Spawned::Error(atom(r)?) } else { Spawned::Pid(r.pid()?) };
    Ok(Control::SpawnReply { request, to, flags, result })
}

fn with_token(control: Control, r: &mut Reader<'_>) -> Read<Control> {
    skip(r)?;
    Ok(control)
}

/// An unused element, and a name.
fn registered(r: &mut Reader<'_>) -> Read<To> {
    skip(r)?;
    Ok(To::Name(atom(r)?))
}

fn target(r: &mut Reader<'_>) -> Read<Target> {
    Ok(if r.is_atom() { Target::Name(atom(r)?) } else { Target::Pid(r.pid()?) })
}

fn unlink_id(r: &mut Reader<'_>) -> Read<u64> {
    Ok(r.value()?)
}

fn atom(r: &mut Reader<'_>) -> Read<Atom> {
    Ok(Atom::from(&*r.atom()?))
}

fn inline(r: &mut Reader<'_>) -> Read<Reason> {
    Ok(Reason::Inline(term(r)?))
}

fn term(r: &mut Reader<'_>) -> Read<Box<[u8]>> {
    Ok(r.skip()?.into())
}

fn skip(r: &mut Reader<'_>) -> Read<()> {
    r.skip()?;
    Ok(())
}
