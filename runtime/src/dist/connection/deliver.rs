//! Messages from the other side, to whom they are for.

use std::sync::Arc;

use super::Connection;
use super::inbound::Inbound;
use super::receive::Garbled;
use super::refused::Refused;
use super::reply::{From, Reply, reference_of};
use crate::dist::control::To;
use crate::process::incoming::{ImportError, Incoming, ReplyPath, Sender};
use crate::process::remote::{Failure, Format, Shape};
use crate::process::{AnyCell, Node, Pid};
use crate::term::{PidParts, Reader, ReferenceParts};

impl Connection {
    pub(super) fn deliver(
        self: &Arc<Self>,
        node: &Node,
        from: Option<&PidParts>,
        to: To,
        message: &[u8],
        inbound: &mut Inbound,
    ) -> Result<(), Garbled> {
        let process = match &to {
            To::Alias(alias) => {
                self.through(node, alias, message);
                return Ok(());
            }
            To::Name(name) => node.process_named(name.as_str()),
            To::Pid(pid) => {
                // An answer of somebody who knows no aliases.
                if let Some((tag, answer)) = answer_of(message)
                    && let Some(call) = reference_of(tag).and_then(|reference| self.own(&reference))
                    && self.answered(call, Format::Terms, answer)
                {
                    return Ok(());
                }
                self.names.pid(node, pid).and_then(|pid| node.process(pid))
            }
        };
        // As in OTP, a message for nobody is dropped; whoever must know has a monitor.
        let Some(process) = process else { return Ok(()) };
        let from = from.and_then(|from| self.names.pid(node, from));
        self.give(node, &process, from, message, inbound)?;
        self.offer(node, &to, &process, inbound);
        Ok(())
    }

    /// A message through an alias: that of a call, or one that a process has given away.
    fn through(self: &Arc<Self>, node: &Node, alias: &ReferenceParts, message: &[u8]) {
        if let Some(call) = self.own(alias) {
            if let Some((_tag, answer)) = answer_of(message) {
                self.answered(call, Format::Terms, answer);
            }
            return;
        }
        let Some((process, alias)) = node.through(alias) else { return };
        // A reference can be guessed as a pid can.
        if self.allow_call(&*process, &[]).is_err() {
            return;
        }
        if let Err(error) = process.import_through(alias, message) {
            self.refused(&process, &error);
        }
        self.delivered(&process);
    }

    fn give(
        self: &Arc<Self>,
        node: &Node,
        process: &Arc<dyn AnyCell>,
        from: Option<Pid>,
        message: &[u8],
        inbound: &mut Inbound,
    ) -> Result<(), Garbled> {
        let mut give_up = None;
        let sender = if self.speaks(0) { Sender::Ours(&mut give_up) } else { Sender::Beam };
        let format = Format::Terms;
        let (incoming, call) = match wrapping(message) {
            Some((Shape::Call, mut rest)) => {
                let to = From::read(&mut rest)?;
                let from = self.names.pid(node, to.caller());
                let (call, callee) = (to.call(), process.head().pid);
                let reply: Box<dyn ReplyPath> = Box::new(Reply { connection: self.clone(), to, callee });
                let (shape, body, reply) = (Shape::Call, rest.rest(), Some(reply));
                (Incoming { shape, format, body, reply, from, until: None, sender }, call)
            }
            other => {
                let (shape, body) =
                    other.map_or((Shape::Info, message), |(shape, rest)| (shape, rest.rest()));
                (Incoming { shape, format, body, reply: None, from, until: None, sender }, None)
            }
        };
        if let Err(not_allowed) = self.allow_call(&**process, message) {
            let asked =
                |from| Box::new(Reply { connection: self.clone(), to: from, callee: process.head().pid });
            let path = incoming.reply.or_else(|| Some(asked(asking_system(message)?)));
            if let Some(path) = path {
                path.fail(Failure::BadMessage(not_allowed.to_string().into()));
            }
            return Ok(());
        }
        let is_call = incoming.shape == Shape::Call;
        if let Err(error) = process.import(incoming) {
            self.refused(process, &error);
        }
        if let Some(call) = call {
            inbound.calls.came(call, give_up);
        }
        // Whoever calls waits for the answer anyway.
        if !is_call {
            self.delivered(process);
        }
        Ok(())
    }

    pub(super) fn refused(&self, process: &Arc<dyn AnyCell>, error: &ImportError) {
        let (name, peer) = (process.display_name(), &self.names.name);
        let why = format_args!("{name}: a message from {peer} was refused: {error}");
        self.refusals.note(Refused::Message, why);
    }
}

/// Who sent `{system, From, Request}`.
fn asking_system(message: &[u8]) -> Option<From> {
    let mut reader = Reader::new(message);
    reader.tuple_of(3).ok()?;
    if reader.is("system") { From::read(&mut reader).ok() } else { None }
}

/// What a message is wrapped in, and where the rest of it begins.
fn wrapping(message: &[u8]) -> Option<(Shape, Reader<'_>)> {
    let mut reader = Reader::new(message);
    let arity = reader.tuple().ok()?;
    match arity {
        3 if reader.is("$gen_call") => Some((Shape::Call, reader)),
        2 if reader.is("$gen_cast") => Some((Shape::Cast, reader)),
        _ => None,
    }
}

/// `{Mark, Answer}`.
fn answer_of(message: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut reader = Reader::new(message);
    reader.tuple_of(2).ok()?;
    // Only references and lists are marks, and most tuples begin with an atom.
    if reader.is_atom() || reader.is_tuple() {
        return None;
    }
    Some((reader.skip().ok()?, reader.rest()))
}
