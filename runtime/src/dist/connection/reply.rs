//! The way back to a caller on the other side.

use std::sync::Arc;

use super::Connection;
use super::call::Fault;
use super::outbox::{Kind, When};
use crate::dist::control::To;
use crate::dist::message;
use crate::dist::reason::write_failure;
use crate::dist::scratch;
use crate::process::incoming::ReplyPath;
use crate::process::remote::{Encode, Failure};
use crate::process::{MonitorRef, Pid};
use crate::term::{DecodeError, PidParts, Reader, ReferenceParts, write};

/// `From` of a `'$gen_call'`: who called, and how the answer is to be marked.
pub(super) struct From {
    caller: PidParts,
    /// The mark, as it came.
    tag: Box<[u8]>,
    /// The reference in it, which is that of the caller's monitor.
    reference: Option<ReferenceParts>,
    /// The answer goes to the reference, not to the caller, who may wait no longer.
    is_alias: bool,
}

impl From {
    /// Source: `gen:reply/2`, which is as liberal.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.tuple_of(2)?;
        let caller = reader.pid()?;
        let tag = reader.skip()?;
        let (reference, is_alias) = read_tag(tag);
        Ok(Self { caller, tag: tag.into(), reference, is_alias })
    }

    /// The number of the call, as a node of ours calls it.
    pub(super) fn call(&self) -> Option<u64> {
        MonitorRef::from_words(self.reference.as_ref()?.words()).map(|MonitorRef(call)| call)
    }

    pub(super) fn caller(&self) -> &PidParts {
        &self.caller
    }
}

/// The reference that a mark has in it, and whether it is one to send to: `[alias | Ref]`, `[[alias | Ref] | _]`, or `Ref`.
fn read_tag(tag: &[u8]) -> (Option<ReferenceParts>, bool) {
    if let Ok(reference) = Reader::new(tag).reference() {
        return (Some(reference), false);
    }
    let mut reader = Reader::new(tag);
    if !matches!(reader.list(), Ok(Some(_))) {
        return (None, false);
    }
    if reader.is("alias") {
        return reader.reference().map_or((None, false), |reference| (Some(reference), true));
    }
    if matches!(reader.list(), Ok(Some(1))) && reader.is("alias") {
        return reader.reference().map_or((None, false), |reference| (Some(reference), true));
    }
    (None, false)
}

/// The reference in the mark of an answer to a call of this node.
pub(super) fn reference_of(tag: &[u8]) -> Option<ReferenceParts> {
    read_tag(tag).0
}

/// The way back.
pub(super) struct Reply {
    pub(super) connection: Arc<Connection>,
    pub(super) to: From,
    /// Who answers.
    pub(super) callee: Pid,
}

impl ReplyPath for Reply {
    fn reply(&self, body: &dyn Encode) {
        let Self { connection, to, callee } = self;
        let way = match &to.reference {
            Some(alias) if to.is_alias => To::Alias(alias.clone()),
            Some(_) | None => To::Pid(to.caller.clone()),
        };
        let send = connection.sending(connection.names.parts(*callee), way);
        scratch::with(|frame| {
            let written = message::put(frame, |out| {
                send.write(out)?;
                write::version(out);
                write::tuple(2, out);
                out.extend_from_slice(&to.tag);
                let answer = out.len();
                body.encode(out).map_err(Fault::Message)?;
                connection.admit(&out[answer..]).map_err(Fault::Message)?;
                connection.fits(out).map_err(Fault::Message)
            });
            match written {
                // One that is lost with the connection is lost for the caller, too.
                Ok(()) => {
                    let _lost = connection.outbox.push(frame, Some(*callee), When::Now, Kind::Signal);
                }
                Err(fault) => self.fail(Failure::BadMessage(fault.into_error().0)),
            }
        });
    }

    fn fail(&self, failure: Failure) {
        let connection = &self.connection;
        let monitored =
            self.to.reference.as_ref().and_then(|reference| connection.tables().take_by_reference(reference));
        // Without a monitor, nobody there would understand.
        let Some((monitor, monitored)) = monitored else { return };
        if let Some(node) = connection.node.upgrade() {
            node.demonitor_arrived(monitor, monitored.pid);
        }
        let mut reason = Vec::new();
        write_failure(&failure, &mut reason);
        connection.send_down(&monitored, &reason);
    }
}
