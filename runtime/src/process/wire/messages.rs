//! Messages, and the answers to calls.

use std::collections::BTreeMap;
use std::mem;
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::{End, Sent, Wire};
use crate::process::incoming::{Abandon, ImportError, Incoming, ReplyPath, Sender};
use crate::process::remote::{Answer, Calls, Encode, EncodeError, Failure, Far, Format, Shape, Unreachable};
use crate::process::{AnyCell, MonitorRef, Node};
use crate::term::ReferenceParts;

/// What is known of messages.
#[derive(Default)]
pub(super) struct Messages {
    pub(super) calls: BTreeMap<MonitorRef, (usize, Box<dyn Answer>)>,
    /// Calls that came.
    begun: BTreeMap<MonitorRef, Weak<dyn Abandon>>,
    /// Why messages were not taken.
    refused: Vec<ImportError>,
    /// Messages are written natively where both sides have one layout.
    speaks_native: bool,
    /// How many were.
    native: usize,
}

/// A message on its way.
pub(super) struct Message {
    to: Far,
    body: Vec<u8>,
    format: Format,
    shape: Shape,
    call: Option<MonitorRef>,
    until: Option<Duration>,
}

/// An answer on its way.
pub(super) type Reply = (MonitorRef, Result<(Format, Vec<u8>), Failure>);

impl Wire {
    fn with<T>(&self, f: impl FnOnce(&mut Messages) -> T) -> T {
        f(&mut self.state.lock().expect("no panic").messages)
    }

    /// How many calls wait for an answer.
    pub(crate) fn calls(&self) -> usize {
        self.with(|messages| messages.calls.len())
    }

    /// Why messages were not taken since this was last asked.
    pub(crate) fn refused(&self) -> Vec<ImportError> {
        self.with(|messages| mem::take(&mut messages.refused))
    }

    pub(crate) fn speak_native(&self) {
        self.with(|messages| messages.speaks_native = true);
    }

    /// How many messages and answers were native since this was last asked.
    pub(crate) fn native(&self) -> usize {
        self.with(|messages| mem::take(&mut messages.native))
    }

    /// A message as an Erlang node would send it, to whoever is called `name` on the second node.
    pub(crate) fn inject(&self, name: &str, shape: Shape, body: &[u8], reply: Option<Box<dyn ReplyPath>>) {
        self.inject_as(Format::Terms, name, shape, body, reply);
    }

    pub(crate) fn inject_as(
        &self,
        format: Format,
        name: &str,
        shape: Shape,
        body: &[u8],
        reply: Option<Box<dyn ReplyPath>>,
    ) {
        let process = self.nodes[1].process_named(name).expect("registered");
        self.import(
            &process,
            Incoming { shape, format, body, reply, from: None, until: None, sender: Sender::Beam },
        );
    }

    fn write(&self, side: usize, to: &Far, message: &dyn Encode) -> Result<(Format, Vec<u8>), EncodeError> {
        let mut body = Vec::new();
        let (here, there) = (&self.nodes[side], &self.nodes[1 - side]);
        let process = match to {
            Far::Name { name, .. } => there.process_named(name),
            Far::Pid(pid) => there.process(self.translate(side, *pid)),
        };
        let wanted = process.and_then(|process| there.enter(|| process.head().kind().layout?(there)));
        let written = message.spoken().and_then(|spoken| (spoken.layout)(here));
        let is_native = self.with(|messages| messages.speaks_native) && wanted.is_some() && written == wanted;
        if is_native && message.encode_native(&mut body).is_ok() {
            self.with(|messages| messages.native += 1);
            return Ok((Format::Native, body));
        }
        message.encode(&mut body)?;
        Ok((Format::Terms, body))
    }

    fn import(&self, process: &Arc<dyn AnyCell>, incoming: Incoming<'_>) {
        let outcome = process.import(incoming);
        self.with(|messages| messages.refused.extend(outcome.err()));
    }

    /// Fails the calls that wait for an answer.
    pub(super) fn cut_calls(&self) {
        let calls = self.with(|messages| mem::take(&mut messages.calls));
        for (side, answer) in calls.into_values() {
            answer.fail(Failure::NoConnection(self.nodes[1 - side].full_name().into()));
        }
    }

    pub(super) fn message_arrives(self: &Arc<Self>, side: usize, message: &Message) {
        let Message { to, body, format, shape, call, until } = message;
        let end = || End::new(self, 1 - side);
        let reply = call.map(|call| Box::new(Back(end(), call, *format)) as Box<dyn ReplyPath>);
        let there = &self.nodes[1 - side];
        let process = match to {
            Far::Name { name, .. } => there.process_named(name),
            Far::Pid(pid) => there.process(self.translate(side, *pid)),
        };
        match (process, reply) {
            (Some(process), reply) => {
                let mut give_up = None;
                let incoming = Incoming {
                    shape: *shape,
                    format: *format,
                    body,
                    reply,
                    from: None,
                    until: *until,
                    sender: Sender::Ours(&mut give_up),
                };
                self.import(&process, incoming);
                if let (Some(call), Some(give_up)) = (*call, give_up) {
                    self.with(|messages| messages.begun.insert(call, give_up));
                }
            }
            (None, Some(reply)) => reply.fail(Failure::NoProc),
            (None, None) => {}
        }
    }

    /// Whoever called waits no longer.
    pub(super) fn is_given_up(&self, call: MonitorRef) {
        let begun = self.with(|messages| messages.begun.remove(&call));
        if let Some(call) = begun.and_then(|call| call.upgrade()) {
            call.abandon();
        }
    }

    /// A message through an alias arrives.
    pub(super) fn passes(&self, there: &Node, alias: &ReferenceParts, message: &[u8]) {
        let Some((process, alias)) = there.through(alias) else { return };
        let outcome = process.import_through(alias, message);
        self.with(|messages| messages.refused.extend(outcome.err()));
    }

    pub(super) fn reply_arrives(&self, (call, outcome): &Reply) {
        let Some((side, answer)) = self.with(|messages| messages.calls.remove(call)) else { return };
        self.nodes[side].enter(|| match outcome {
            Ok((format, body)) => answer.reply(*format, body),
            Err(failure) => answer.fail(failure.clone()),
        });
    }
}

impl End {
    pub(super) fn send_message(
        &self,
        to: &Far,
        message: &dyn Encode,
        call: Option<(MonitorRef, Option<Duration>)>,
    ) -> Result<(), Unreachable> {
        let peer = self.wire.nodes[1 - self.side].full_name();
        let known = self.wire.nodes[self.side].node_name(to.node());
        if self.wire.is_cut() || known.as_deref() != Some(peer) {
            return Err(Unreachable::NoConnection);
        }
        let (format, body) = self.wire.write(self.side, to, message).map_err(Unreachable::Encode)?;
        let (call, until) = call.unzip();
        let (shape, until) = (message.shape(), until.flatten());
        let message = Message { to: to.clone(), body, format, shape, call, until };
        self.wire.push(self.side, Sent::Message(Arc::new(message)));
        Ok(())
    }

    /// Remembers a call before it is sent.
    pub(super) fn begin_call(&self, answer: Box<dyn Answer>) -> MonitorRef {
        let call = self.wire.nodes[0].next_reference();
        self.wire.with(|messages| messages.calls.insert(call, (self.side, answer)));
        call
    }

    /// Forgets it, since it was not sent.
    pub(super) fn take_back(&self, call: MonitorRef) -> Box<dyn Answer> {
        self.wire.with(|messages| messages.calls.remove(&call)).expect("just remembered").1
    }
}

impl Calls for End {
    fn cancel(&self, call: MonitorRef) {
        let pending = self.wire.with(|messages| messages.calls.remove(&call));
        if pending.is_some() {
            self.wire.push(self.side, Sent::Cancel(call));
        }
    }
}

/// The way back of one call.
struct Back(End, MonitorRef, Format);

impl ReplyPath for Back {
    fn reply(&self, body: &dyn Encode) {
        let mut reply = Vec::new();
        let is_native = self.2 == Format::Native && body.encode_native(&mut reply).is_ok();
        self.0.wire.with(|messages| messages.native += usize::from(is_native));
        let outcome = match is_native {
            true => Ok((Format::Native, reply)),
            false => body.encode(&mut reply).map(|()| (Format::Terms, reply)),
        };
        let outcome = outcome.map_err(|EncodeError(what)| Failure::BadMessage(what));
        self.0.wire.push(self.0.side, Sent::Reply(Arc::new((self.1, outcome))));
    }

    fn fail(&self, failure: Failure) {
        self.0.wire.push(self.0.side, Sent::Reply(Arc::new((self.1, Err(failure)))));
    }
}
