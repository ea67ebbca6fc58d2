//! Calls, casts, and infos to the other side.

use std::sync::Arc;
use std::time::Duration;

use super::outbox::{Kind, NotSent, Room, When};
use super::tables::Pending;
use super::words::{CANCELS, Word};
use super::{Connection, Names};
use crate::dist::control::{Control, Target, To};
use crate::dist::flags::Flags;
use crate::dist::frame::DEFAULT_LONGEST_MESSAGE;
use crate::dist::message::{self, word};
use crate::dist::scratch;
use crate::process::remote::{
    Answer, Calls, Encode, EncodeError, Failure, Far, Format, RemoteCall, Shape, Unreachable,
};
use crate::process::{MonitorRef, Pid};
use crate::term::{self, Atom, PidParts, ReferenceParts, write};

impl Connection {
    /// Sends a cast or an info.
    pub(crate) fn send(&self, from: Pid, to: &Far, message: &dyn Encode) -> Result<Room, Unreachable> {
        if !self.flow.may_send(to) {
            return Err(Unreachable::Full);
        }
        scratch::with(|frame| {
            if !self.native_cast(to, message, frame) {
                self.cast(from, to, message, frame).map_err(Fault::unreachable)?;
            }
            self.fits(frame).map_err(Unreachable::Encode)?;
            self.outbox.push(frame, Some(from), When::Soon, Kind::Message).map_err(unreachable)
        })
    }

    /// Sends what goes through an alias of the other side, as a term.
    pub(crate) fn send_through(
        &self,
        from: Pid,
        alias: &ReferenceParts,
        message: &dyn Encode,
    ) -> Result<Room, Arc<str>> {
        let sent = self.sending(self.names.parts(from), To::Alias(alias.clone()));
        scratch::with(|frame| {
            let written = message::put(frame, |out| {
                sent.write(out).map_err(Fault::Term)?;
                write::version(out);
                let body = out.len();
                message.encode(out).map_err(Fault::Message)?;
                self.admit(&out[body..]).and_then(|()| self.fits(out)).map_err(Fault::Message)
            });
            written.map_err(|fault| fault.into_error().0)?;
            match self.outbox.push(frame, Some(from), When::Soon, Kind::Message) {
                Ok(room) => Ok(room),
                // As in OTP.
                Err(NotSent::Closed) => Ok(Room::Enough),
                Err(NotSent::Full) => Err("too much waits for its node already".into()),
            }
        })
    }

    /// Appends a cast or an info as Erlang sends it.
    fn cast(&self, from: Pid, to: &Far, message: &dyn Encode, frame: &mut Vec<u8>) -> Result<(), Fault> {
        let sent = self.sending(self.names.parts(from), self.names.to(to));
        message::put(frame, |out| {
            sent.write(out).map_err(Fault::Term)?;
            write::version(out);
            match message.shape() {
                Shape::Cast => {
                    write::tuple(2, out);
                    word("$gen_cast", out);
                }
                Shape::Info | Shape::Call => {}
            }
            let body = out.len();
            message.encode(out).map_err(Fault::Message)?;
            self.admit(&out[body..]).map_err(Fault::Message)
        })
    }

    /// Whether the other side will take what was written; those of Erlang take anything.
    pub(super) fn fits(&self, frames: &[u8]) -> Result<(), EncodeError> {
        if frames.len() <= DEFAULT_LONGEST_MESSAGE || !self.speaks(0) {
            return Ok(());
        }
        let (length, most) = (frames.len(), DEFAULT_LONGEST_MESSAGE);
        let error = format!("a message of {length} bytes; a node takes at most {most}: send it in pieces");
        Err(EncodeError(error.into()))
    }

    /// Sends a request, whose caller waits until then; its answer comes under the name of `call`.
    pub(crate) fn call(
        self: &Arc<Self>,
        call: MonitorRef,
        from: Pid,
        to: &Far,
        request: &dyn Encode,
        wait: Option<Duration>,
        answer: Box<dyn Answer>,
    ) -> Result<RemoteCall, (Unreachable, Box<dyn Answer>)> {
        scratch::with(|frames| {
            let watched = if self.native_call(call, from, to, request, wait, frames) {
                None
            } else if let Err(fault) = self.call_frames(call, from, to, request, frames) {
                return Err((fault.unreachable(), answer));
            } else {
                Some(to.clone())
            };
            if let Err(error) = self.fits(frames) {
                return Err((Unreachable::Encode(error), answer));
            }
            if let Err(pending) = self.tables().add_call(call, Pending { answer, by: from, watched }) {
                return Err((Unreachable::NoConnection, pending.answer));
            }
            match self.outbox.push(frames, Some(from), When::Now, Kind::Message) {
                Ok(_) => Ok(RemoteCall::new(self.clone(), call)),
                Err(not_sent) => match self.tables().calls.remove(&call) {
                    Some(pending) => Err((unreachable(not_sent), pending.answer)),
                    // It was told already, when the connection was closed.
                    None => Ok(RemoteCall::new(self.clone(), call)),
                },
            }
        })
    }

    /// A message from `from`, as the other side takes it.
    pub(super) fn sending(&self, from: PidParts, to: To) -> Control {
        let is_told = !matches!(to, To::Pid(_)) || self.flags().has(Flags::SEND_SENDER);
        Control::Send { from: is_told.then_some(from), to }
    }

    /// A monitor and a request, as `gen_server:call` sends them.
    fn call_frames(
        &self,
        call: MonitorRef,
        from: Pid,
        to: &Far,
        request: &dyn Encode,
        frames: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        let reference = self.names.reference(&call.words()).ok_or(Fault::Term(term::EncodeError::TooLong))?;
        let from = self.names.parts(from);
        let monitor =
            Control::Monitor { from: from.clone(), to: self.names.target(to), reference: reference.clone() };
        let send = self.sending(from.clone(), self.names.to(to));
        message::put(frames, |out| monitor.write(out).map_err(Fault::Term))?;
        message::put(frames, |out| {
            send.write(out).map_err(Fault::Term)?;
            write::version(out);
            write::tuple(3, out);
            word("$gen_call", out);
            write::tuple(2, out);
            write::pid(from.node.as_str(), from.id, from.serial, from.creation, out).map_err(Fault::Term)?;
            write_tag(&reference, out).map_err(Fault::Term)?;
            let body = out.len();
            request.encode(out).map_err(Fault::Message)?;
            self.admit(&out[body..]).map_err(Fault::Message)
        })
    }

    /// The callee is not watched any more; it is enough if it learns of that some time.
    fn forget(&self, call: MonitorRef, pending: &Pending) {
        // Native calls need no monitor.
        let Some(to) = &pending.watched else { return };
        let (from, to) = (self.names.parts(pending.by), self.names.target(to));
        if let Some(reference) = self.names.reference(&call.words()) {
            self.signal(pending.by, &Control::Demonitor { from, to, reference }, None, When::Later);
        }
    }

    /// The answer to a call came: whether anybody waited for it.
    pub(super) fn answered(&self, call: MonitorRef, format: Format, body: &[u8]) -> bool {
        let pending = self.tables().calls.remove(&call);
        let Some(pending) = pending else { return false };
        self.forget(call, &pending);
        pending.answer.reply(format, body);
        true
    }

    /// A call has failed: whether anybody waited for it.
    pub(super) fn call_failed(&self, call: MonitorRef, failure: impl FnOnce() -> Failure) -> bool {
        let pending = self.tables().calls.remove(&call);
        let Some(pending) = pending else { return false };
        pending.answer.fail(failure());
        true
    }
}

impl Calls for Connection {
    fn cancel(&self, call: MonitorRef) {
        let pending = self.tables().calls.remove(&call);
        let Some(pending) = pending else { return };
        self.forget(call, &pending);
        if self.speaks(CANCELS) {
            scratch::with(|frame| {
                Word::Cancel { call: call.0 }.put(frame);
                // Behind the call itself, which may be on its way in parts.
                let _closed = self.outbox.push(frame, Some(pending.by), When::Soon, Kind::Signal);
            });
        }
    }
}

impl Names {
    pub(super) fn to(&self, far: &Far) -> To {
        match far {
            Far::Pid(pid) => To::Pid(self.parts(*pid)),
            Far::Name { name, .. } => To::Name(Atom::from(&**name)),
        }
    }

    pub(super) fn target(&self, far: &Far) -> Target {
        match far {
            Far::Pid(pid) => Target::Pid(self.parts(*pid)),
            Far::Name { name, .. } => Target::Name(Atom::from(&**name)),
        }
    }
}

/// `[alias | Ref]`: what an answer is marked with, and where it goes.
fn write_tag(reference: &ReferenceParts, out: &mut Vec<u8>) -> Result<(), term::EncodeError> {
    write::list(1, out);
    word("alias", out);
    write::reference(reference.node.as_str(), reference.creation, reference.words(), out)
}

/// Why a message could not be written.
pub(super) enum Fault {
    /// What is around it.
    Term(term::EncodeError),
    /// The message itself.
    Message(EncodeError),
}

impl Fault {
    pub(super) fn into_error(self) -> EncodeError {
        match self {
            Self::Term(error) => EncodeError(error.to_string().into()),
            Self::Message(error) => error,
        }
    }

    fn unreachable(self) -> Unreachable {
        Unreachable::Encode(self.into_error())
    }
}

impl From<term::EncodeError> for Fault {
    fn from(error: term::EncodeError) -> Self {
        Self::Term(error)
    }
}

fn unreachable(not_sent: NotSent) -> Unreachable {
    match not_sent {
        NotSent::Closed => Unreachable::NoConnection,
        NotSent::Full => Unreachable::Full,
    }
}
