//! Messages, and the answers to calls.

use std::collections::BTreeMap;
use std::mem;
use std::sync::Arc;
use std::time::Duration;

use super::{End, Sent, Wire};
use crate::process::incoming::{ImportError, Incoming, ReplyPath};
use crate::process::remote::{Answer, Calls, Encode, EncodeError, Failure, Far, Shape, Unreachable};
use crate::process::{AnyCell, MonitorRef};

/// What is known of messages.
#[derive(Default)]
pub(super) struct Messages {
    pub(super) calls: BTreeMap<MonitorRef, (usize, Box<dyn Answer>)>,
    /// Why messages were not taken.
    refused: Vec<ImportError>,
}

/// A message on its way.
pub(super) struct Message {
    to: Far,
    body: Vec<u8>,
    shape: Shape,
    call: Option<MonitorRef>,
    until: Option<Duration>,
}

/// An answer on its way.
pub(super) type Reply = (MonitorRef, Result<Vec<u8>, Failure>);

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

    /// A message as an Erlang node would send it, to whoever is called `name` on the second node.
    pub(crate) fn inject(&self, name: &str, shape: Shape, body: &[u8], reply: Option<Box<dyn ReplyPath>>) {
        let process = self.nodes[1].process_named(name).expect("registered");
        self.import(&process, Incoming { shape, body, reply, from: None, until: None });
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
        let Message { to, body, shape, call, until } = message;
        let end = || End::new(self, 1 - side);
        let reply = call.map(|call| Box::new(Back(end(), call)) as Box<dyn ReplyPath>);
        let there = &self.nodes[1 - side];
        let process = match to {
            Far::Name { name, .. } => there.process_named(name),
            Far::Pid(pid) => there.process(self.translate(side, *pid)),
        };
        match (process, reply) {
            (Some(process), reply) => {
                self.import(&process, Incoming { shape: *shape, body, reply, from: None, until: *until });
            }
            (None, Some(reply)) => reply.fail(Failure::NoProc),
            (None, None) => {}
        }
    }

    pub(super) fn reply_arrives(&self, (call, outcome): &Reply) {
        let Some((side, answer)) = self.with(|messages| messages.calls.remove(call)) else { return };
        self.nodes[side].enter(|| match outcome {
            Ok(body) => answer.reply(body),
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
        let mut body = Vec::new();
        message.encode(&mut body).map_err(Unreachable::Encode)?;
        let (call, until) = call.unzip();
        let message = Message { to: to.clone(), body, shape: message.shape(), call, until: until.flatten() };
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
        drop(self.wire.with(|messages| messages.calls.remove(&call)));
    }
}

/// The way back of one call.
struct Back(End, MonitorRef);

impl ReplyPath for Back {
    fn reply(&self, body: &dyn Encode) {
        let mut reply = Vec::new();
        let outcome = match body.encode(&mut reply) {
            Ok(()) => Ok(reply),
            Err(EncodeError(what)) => Err(Failure::BadMessage(what)),
        };
        self.0.wire.push(self.0.side, Sent::Reply(Arc::new((self.1, outcome))));
    }

    fn fail(&self, failure: Failure) {
        self.0.wire.push(self.0.side, Sent::Reply(Arc::new((self.1, Err(failure)))));
    }
}
