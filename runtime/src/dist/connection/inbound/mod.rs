//! What only nodes of umbrella say, as it comes in: messages in the native format, and parts of big ones.

mod calls;
mod routes;
mod streams;

use std::sync::Arc;

use super::Connection;
use super::outbox::{Kind, When};
use super::receive::Garbled;
use super::words::{self, Call, NATIVE, Word};
use crate::dist::control::To;
use crate::dist::reason::{read_failure, write_failure};
use crate::dist::scratch;
use crate::process::incoming::{ImportError, Incoming, ReplyPath, Sender};
use crate::process::remote::{Encode, Failure, Far, Format, Shape};
use crate::process::{AnyCell, MonitorRef, Node, Pid};
use crate::term::{Reader, write};
use calls::Calls;
use routes::{Found, Routes, Whom};
use streams::Streams;

/// What the reader of a connection remembers from one message to the next.
pub(crate) struct Inbound {
    routes: Routes,
    streams: Streams,
    pub(super) calls: Calls,
    /// Casts, to look after mailboxes now and then.
    casts: u32,
}

/// After so many casts it is looked whether whoever gets them is behind.
const LOOK_AFTER: u32 = 64;

impl Inbound {
    /// No message is longer than `longest`.
    pub(crate) fn new(longest: usize) -> Self {
        Self { routes: Routes::default(), streams: Streams::new(longest), calls: Calls::default(), casts: 0 }
    }
}

impl Connection {
    /// What the other side said behind [`OURS`](super::words::OURS).
    pub(super) fn told(
        self: &Arc<Self>,
        node: &Node,
        said: &[u8],
        inbound: &mut Inbound,
    ) -> Result<(), Garbled> {
        match Word::read(said)? {
            Word::Stop(who) => self.told_to_stop(node, who)?,
            Word::Go(who) => self.told_to_go(node, who)?,
            Word::Route { route, layout, to } => {
                if let Some(to) = self.offered_to(node, to)? {
                    self.offers.add(to, route, layout);
                }
            }
            Word::Withdrawn { route } => self.offers.withdraw(route),
            Word::Cast { route, body } => self.cast_came(node, route, body, inbound),
            Word::Call(call) => self.call_came(node, &call, inbound),
            Word::Reply { call, format, body } => {
                self.answered(MonitorRef(call), format, body);
            }
            Word::Failed { call, reason } => {
                let failure = read_failure(reason, &self.names.name)?;
                self.call_failed(MonitorRef(call), || failure);
            }
            Word::Cancel { call } => inbound.calls.give_up(call),
            Word::Part { stream, is_last, bytes } => {
                let mut frames = inbound.streams.part(stream, bytes)?;
                while let Some(message) = frames.next()? {
                    if words::is_part(message) {
                        return Err(Garbled::Streams);
                    }
                    self.receive(node, message, inbound)?;
                }
                if !is_last {
                    inbound.streams.keep(stream, frames)?;
                }
            }
        }
        Ok(())
    }

    /// The process that an offer is for.
    fn offered_to(&self, node: &Node, to: &[u8]) -> Result<Option<Far>, Garbled> {
        let mut reader = Reader::new(to);
        if reader.is_atom() {
            let name = Arc::<str>::from(reader.atom()?).into();
            return Ok(Some(Far::Name { node: self.names.to, name }));
        }
        let pid = self.names.pid(node, &reader.pid()?);
        Ok(pid.filter(|pid| pid.node() == self.names.to).map(Far::Pid))
    }

    /// A message came in terms for `process`, which was addressed as `to`: the next ones may be native.
    pub(super) fn offer(&self, node: &Node, to: &To, process: &Arc<dyn AnyCell>, inbound: &mut Inbound) {
        // Whom a node that may not call everything calls is looked at in each message, which terms tell.
        if !self.speaks(NATIVE) || self.permissions.get().is_some() {
            return;
        }
        let Some(layout) = process.head().kind().layout.and_then(|layout| layout(node)) else { return };
        let (whom, mut who) = (
            match to {
                To::Pid(_) => Whom::Pid(process.head().pid),
                To::Name(name) => Whom::Name(name.as_str().into()),
                To::Alias(_) => return,
            },
            Vec::new(),
        );
        let written = match &whom {
            Whom::Name(name) => write::atom(name, &mut who),
            Whom::Pid(pid) => {
                let parts = self.names.parts(*pid);
                write::pid(parts.node.as_str(), parts.id, parts.serial, parts.creation, &mut who)
            }
        };
        if written.is_err() {
            return;
        }
        if inbound.routes.are_many() {
            for route in inbound.routes.withdraw_dead(node) {
                self.say(&Word::Withdrawn { route }, When::Soon);
            }
        }
        if let Some(route) = inbound.routes.offer(whom, layout, process) {
            self.say(&Word::Route { route, layout, to: &who }, When::Soon);
        }
    }

    fn cast_came(self: &Arc<Self>, node: &Node, route: u32, body: &[u8], inbound: &mut Inbound) {
        let incoming = || Incoming {
            shape: Shape::Cast,
            format: Format::Native,
            body,
            reply: None,
            from: None,
            until: None,
            sender: Sender::Beam,
        };
        let process = match inbound.routes.last(route) {
            Some(process) if self.import(&process, incoming()) != Err(ImportError::Ended) => process,
            // It has been restarted, perhaps, and its name leads to another.
            Some(_) | None => match self.leads(node, route, inbound) {
                Ok(process) => {
                    let _told = self.import(&process, incoming());
                    process
                }
                // As in OTP, a message for nobody is dropped.
                Err(_) => return,
            },
        };
        inbound.casts = inbound.casts.wrapping_add(1);
        if inbound.casts.is_multiple_of(LOOK_AFTER) {
            self.delivered(&process);
        }
    }

    fn call_came(self: &Arc<Self>, node: &Node, call: &Call<'_>, inbound: &mut Inbound) {
        let Call { route, call, wait: until, caller: (id, serial), body } = *call;
        let from = self.peer().map(|peer| Pid::on(self.names.to, id, serial, peer.creation));
        match self.leads(node, route, inbound) {
            Ok(process) => {
                let callee = process.head().pid;
                let reply = Some(
                    Box::new(Answering { connection: self.clone(), call, callee }) as Box<dyn ReplyPath>
                );
                let (shape, format, mut give_up) = (Shape::Call, Format::Native, None);
                let sender = Sender::Ours(&mut give_up);
                let _told =
                    self.import(&process, Incoming { shape, format, body, reply, from, until, sender });
                inbound.calls.came(call, give_up);
            }
            Err(failure) => self.fail(call, None, &failure),
        }
    }

    /// Who is at the end of a route.
    fn leads(&self, node: &Node, route: u32, inbound: &mut Inbound) -> Result<Arc<dyn AnyCell>, Failure> {
        match inbound.routes.find(node, route) {
            Found::Process(process) => Ok(process),
            Found::Nobody | Found::Unknown => Err(Failure::NoProc),
            Found::Changed(process) => {
                self.say(&Word::Withdrawn { route }, When::Soon);
                // What was under way when the name went to a server of another protocol; the next comes in terms.
                let error =
                    ImportError::BadMessage("it is of the protocol of the server before this one".into());
                self.refused(&process, &error);
                Err(Failure::BadMessage(format!("{}: {error}", process.display_name()).into()))
            }
        }
    }

    fn import(&self, process: &Arc<dyn AnyCell>, incoming: Incoming<'_>) -> Result<(), ImportError> {
        let taken = process.import(incoming);
        if let Err(error) = &taken
            && *error != ImportError::Ended
        {
            self.refused(process, error);
        }
        taken
    }

    fn fail(&self, call: u64, of: Option<Pid>, failure: &Failure) {
        let mut reason = Vec::new();
        write_failure(failure, &mut reason);
        scratch::with(|frame| {
            Word::Failed { call, reason: &reason }.put(frame);
            let _lost = self.outbox.push(frame, of, When::Now, Kind::Signal);
        });
    }

    /// Says something that is in no order with messages of processes.
    pub(super) fn say(&self, word: &Word<'_>, when: When) {
        scratch::with(|frame| {
            word.put(frame);
            let _closed = self.outbox.push(frame, None, when, Kind::Signal);
        });
    }
}

/// The way back to a caller on the other side who called natively.
struct Answering {
    connection: Arc<Connection>,
    call: u64,
    callee: Pid,
}

impl ReplyPath for Answering {
    fn reply(&self, body: &dyn Encode) {
        let Self { connection, call, callee } = self;
        let written = |frame: &mut Vec<u8>| {
            connection.answer(*call, body, frame)?;
            connection.fits(frame)
        };
        scratch::with(|frame| match written(frame) {
            // One that is lost with the connection is lost for the caller, too.
            Ok(()) => {
                let _lost = connection.outbox.push(frame, Some(*callee), When::Now, Kind::Signal);
            }
            Err(error) => self.fail(Failure::BadMessage(error.0)),
        });
    }

    fn fail(&self, failure: Failure) {
        self.connection.fail(self.call, Some(self.callee), &failure);
    }
}
