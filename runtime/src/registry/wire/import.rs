//! Reading messages.

use std::any::type_name;
use std::fmt;
use std::sync::{Arc, Weak};

use serde::de::DeserializeOwned;

use super::optional::absent;
use super::{Refusal, Shape};
use crate::process::AnyCell;
use crate::process::incoming::{Abandon, Incoming, ReplyPath, Sender};
use crate::registry::Protocol;
use crate::term::{self, Format, Reader, Term};

/// How much of a message that nobody understands is shown.
const SHOWN: usize = 200;

/// A message was not read.
#[derive(Debug)]
pub struct ImportError(pub(crate) Refusal);

impl ImportError {
    pub(crate) fn local() -> Self {
        Self(Refusal::Local)
    }

    fn bad(what: fmt::Arguments<'_>) -> Self {
        Self(Refusal::BadMessage(what.to_string().into()))
    }
}

/// A message that came in, as it is read.
pub struct Import<'a> {
    incoming: Incoming<'a>,
    process: &'a Arc<dyn AnyCell>,
    /// The name of the protocol, for errors.
    protocol: &'static str,
    handler: &'static str,
    reader: Reader<'a>,
    /// How many arguments were not read yet.
    left: u32,
}

impl<'a> Import<'a> {
    pub(crate) fn new<P: Protocol>(incoming: Incoming<'a>, process: &'a Arc<dyn AnyCell>) -> Self {
        let reader = Reader::of(incoming.format, incoming.body);
        let protocol = type_name::<P>();
        Self { incoming, process, protocol, handler: "", reader, left: 0 }
    }

    /// The number of the handler whose name or number is read; nothing for an info, which has none.
    ///
    /// # Errors
    /// [`ImportError`] if there is no such handler.
    pub fn handler(
        &mut self,
        handlers: &[&'static str],
        shapes: &[Shape],
    ) -> Result<Option<u16>, ImportError> {
        match (self.incoming.format, self.incoming.shape) {
            (Format::Native, _) => return self.numbered(handlers, shapes).map(Some),
            (Format::Terms, Shape::Info) => return Ok(None),
            (Format::Terms, Shape::Call | Shape::Cast) => {}
        }
        let (name, arguments) = self.head().map_err(|error| self.bad(format_args!("no request: {error}")))?;
        let named = |(_, (handler, _)): &(u16, (&&'static str, &Shape))| **handler == name;
        let mut all = (0_u16..).zip(handlers.iter().zip(shapes)).filter(named);
        match all.find(|(_, (_, shape))| **shape == self.incoming.shape) {
            Some((number, (handler, _))) => {
                (self.handler, self.left) = (handler, arguments);
                Ok(Some(number))
            }
            None => Err(self.unknown(&name, handlers, shapes)),
        }
    }

    /// The number of the handler, which must be one of a handler of messages that are wrapped so.
    fn numbered(&mut self, handlers: &[&'static str], shapes: &[Shape]) -> Result<u16, ImportError> {
        let number = self.reader.count().map_err(|error| self.bad(format_args!("no request: {error}")))?;
        let of = handlers.get(number as usize).zip(shapes.get(number as usize));
        match (of, u16::try_from(number)) {
            (Some((handler, shape)), Ok(number))
                if *shape == self.incoming.shape && *shape != Shape::Info =>
            {
                self.handler = handler;
                Ok(number)
            }
            _ => Err(self.unknown(&format!("number {number}"), handlers, shapes)),
        }
    }

    /// The name of the handler, and how many arguments follow.
    fn head(&mut self) -> Result<(std::borrow::Cow<'a, str>, u32), term::DecodeError> {
        let arguments = if self.reader.is_tuple() { self.reader.tuple()?.saturating_sub(1) } else { 0 };
        Ok((self.reader.atom()?, arguments))
    }

    pub(super) fn argument<T: DeserializeOwned>(&mut self, name: &'static str) -> Result<T, ImportError> {
        // Whoever writes natively has the same arguments.
        if self.incoming.format == Format::Terms {
            let Some(left) = self.left.checked_sub(1) else {
                return absent().ok_or_else(|| self.refused(name, type_name::<T>(), &"it is missing"));
            };
            self.left = left;
        }
        T::deserialize(&mut self.reader).map_err(|error| self.refused(name, type_name::<T>(), &error))
    }

    #[cold]
    fn refused(&self, name: &str, ty: &str, what: &dyn fmt::Display) -> ImportError {
        self.bad(format_args!("argument `{name}: {ty}` of `{}`: {what}", self.handler))
    }

    /// All arguments are read. What more a newer version of the sender gives is not looked at, as serde does with fields.
    ///
    /// # Errors
    /// [`ImportError`] if more came from a node of another kind.
    pub fn end(&mut self) -> Result<(), ImportError> {
        if let (1.., Sender::Beam) = (self.left, &self.incoming.sender) {
            return Err(self.bad(format_args!("`{}` takes {} arguments fewer", self.handler, self.left)));
        }
        let skipped = (0..std::mem::take(&mut self.left)).try_for_each(|_| self.reader.skip().map(drop));
        skipped
            .and_then(|()| self.reader.end())
            .map_err(|error| self.bad(format_args!("`{}`: {error}", self.handler)))
    }

    pub(super) fn bare<T: DeserializeOwned>(&self) -> Option<T> {
        term::decode(self.incoming.body).ok()
    }

    /// No handler takes it.
    pub fn nobodys(&self) -> ImportError {
        let mut text = match term::decode::<Term>(self.incoming.body) {
            Ok(term) => term.to_string(),
            Err(error) => error.to_string(),
        };
        if let Some((end, _)) = text.char_indices().nth(SHOWN) {
            text.truncate(end);
            text.push('…');
        }
        ImportError(Refusal::Unknown(text.into()))
    }

    /// Where the answer goes, with what is known of the caller; for the one who makes the way back.
    pub(crate) fn take_reply(&mut self) -> Option<Box<dyn ReplyPath>> {
        self.incoming.reply.take()
    }

    /// Says how the call is given up, to a sender that says when.
    pub(crate) fn may_be_given_up<A: Abandon + 'static>(&mut self, call: Weak<A>) {
        if let Sender::Ours(give_up) = &mut self.incoming.sender {
            **give_up = Some(call);
        }
    }

    pub(crate) fn incoming(&self) -> &Incoming<'a> {
        &self.incoming
    }

    /// The process that it is for.
    pub(crate) fn process(&self) -> &'a Arc<dyn AnyCell> {
        self.process
    }

    /// Says also what there is: the sender may be of another version.
    #[cold]
    fn unknown(&self, name: &str, handlers: &[&'static str], shapes: &[Shape]) -> ImportError {
        let shape = match self.incoming.shape {
            Shape::Call => "call",
            Shape::Cast => "cast",
            Shape::Info => "info",
        };
        let known = handlers.iter().zip(shapes).filter(|(_, shape)| **shape == self.incoming.shape);
        let known: Vec<_> = known.map(|(handler, _)| format!("`{handler}`")).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        let text = format!("{} has no {shape} `{name}`; its {shape}s: {known}", self.protocol);
        ImportError(Refusal::Unknown(text.into()))
    }

    fn bad(&self, what: fmt::Arguments<'_>) -> ImportError {
        ImportError::bad(format_args!("{}: {what}", self.protocol))
    }
}

impl fmt::Debug for Import<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Import").field("shape", &self.incoming.shape).field("handler", &self.handler).finish()
    }
}

/// The value of a body that is no message: the answer to a call.
pub(crate) fn read<T: DeserializeOwned>(format: Format, body: &[u8]) -> Result<T, term::DecodeError> {
    term::decode_as(format, body)
}
