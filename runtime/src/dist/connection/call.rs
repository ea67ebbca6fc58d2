//! Calls, casts, and infos to the other side.

use std::sync::Arc;

use super::outbox::{Kind, NotSent, When};
use super::tables::Pending;
use super::{Connection, Names};
use crate::dist::control::{Control, Target, To};
use crate::dist::flags::Flags;
use crate::dist::message::{self, word};
use crate::process::remote::{
    Answer, Calls, Encode, EncodeError, Failure, Far, RemoteCall, Shape, Unreachable,
};
use crate::process::{MonitorRef, Pid};
use crate::term::{self, Atom, PidParts, ReferenceParts, write};

/// Calls that are answered within this room are written without growing the buffer.
const ROOM: usize = 256;

impl Connection {
    /// Sends a cast or an info.
    pub(crate) fn send(&self, from: Pid, to: &Far, message: &dyn Encode) -> Result<(), Unreachable> {
        if !self.flow.may_send(to) {
            return Err(Unreachable::Full);
        }
        let mut frame = Vec::with_capacity(ROOM);
        let sent = self.sending(self.names.parts(from), self.names.to(to));
        message::put(&mut frame, |out| {
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
        .map_err(Fault::unreachable)?;
        self.outbox.push(frame, When::Soon, Kind::Message).map_err(unreachable)
    }

    /// Sends a request; its answer comes under the name of `call`.
    pub(crate) fn call(
        self: &Arc<Self>,
        call: MonitorRef,
        from: Pid,
        to: &Far,
        request: &dyn Encode,
        answer: Box<dyn Answer>,
    ) -> Result<RemoteCall, (Unreachable, Box<dyn Answer>)> {
        let frames = match self.call_frames(call, from, to, request) {
            Ok(frames) => frames,
            Err(fault) => return Err((fault.unreachable(), answer)),
        };
        if let Err(pending) = self.tables().add_call(call, Pending { answer, from, to: to.clone() }) {
            return Err((Unreachable::NoConnection, pending.answer));
        }
        match self.outbox.push(frames, When::Now, Kind::Message) {
            Ok(()) => Ok(RemoteCall::new(self.clone(), call)),
            Err(not_sent) => match self.tables().calls.remove(&call) {
                Some(pending) => Err((unreachable(not_sent), pending.answer)),
                // It was told already, when the connection was closed.
                None => Ok(RemoteCall::new(self.clone(), call)),
            },
        }
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
    ) -> Result<Vec<u8>, Fault> {
        let reference = self.names.reference(&call.words()).ok_or(Fault::Term(term::EncodeError::TooLong))?;
        let from = self.names.parts(from);
        let monitor =
            Control::Monitor { from: from.clone(), to: self.names.target(to), reference: reference.clone() };
        let send = self.sending(from.clone(), self.names.to(to));
        let mut frames = Vec::with_capacity(ROOM);
        message::put(&mut frames, |out| monitor.write(out).map_err(Fault::Term))?;
        message::put(&mut frames, |out| {
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
        })?;
        Ok(frames)
    }

    /// The callee is not watched any more; it is enough if it learns of that some time.
    fn forget(&self, call: MonitorRef, pending: &Pending) {
        let (from, to) = (self.names.parts(pending.from), self.names.target(&pending.to));
        if let Some(reference) = self.names.reference(&call.words()) {
            self.signal(&Control::Demonitor { from, to, reference }, None, When::Later);
        }
    }

    /// The answer to a call came: whether anybody waited for it.
    pub(super) fn answered(&self, call: MonitorRef, body: &[u8]) -> bool {
        let pending = self.tables().calls.remove(&call);
        let Some(pending) = pending else { return false };
        self.forget(call, &pending);
        pending.answer.reply(body);
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
        if let Some(pending) = pending {
            self.forget(call, &pending);
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
