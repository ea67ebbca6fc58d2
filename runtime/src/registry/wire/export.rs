//! Writing messages.

use std::any::{TypeId, type_name};
use std::fmt;

use serde::Serialize;

use super::layout;
use crate::process::remote::{Encode, EncodeError, Shape, Spoken};
use crate::registry::Protocol;
use crate::term::{self, Format, write};

/// A message was not written.
#[derive(Debug)]
pub struct ExportError(EncodeError);

impl ExportError {
    fn of(what: fmt::Arguments<'_>) -> Self {
        Self(EncodeError(what.to_string().into()))
    }
}

/// Where one message is written.
#[derive(Debug)]
pub struct Export<'a> {
    out: &'a mut Vec<u8>,
    begins: Begins,
}

/// What a message begins with.
#[derive(Debug)]
enum Begins {
    /// The name of the handler, with which it is a term.
    Name,
    /// The number of the handler.
    Number(u16),
}

impl<'a> Export<'a> {
    /// Begins with the name of the handler; so many arguments follow.
    ///
    /// # Errors
    /// [`ExportError`] if the name is longer than an atom may be.
    pub fn begin(self, handler: &'static str, arguments: u32) -> Result<Exporting<'a>, ExportError> {
        let Self { out, begins } = self;
        if let Begins::Number(number) = begins {
            write::count(number.into(), out);
            return Ok(Exporting { out, handler, format: Format::Native });
        }
        if arguments > 0 {
            write::tuple(arguments + 1, out);
        }
        write::atom(handler, out).map_err(|error| ExportError::of(format_args!("`{handler}`: {error}")))?;
        Ok(Exporting { out, handler, format: Format::Terms })
    }

    /// Writes what is a message by itself.
    pub(super) fn bare<T: Serialize>(self, value: &T) -> Result<(), ExportError> {
        if let Begins::Number(_) = self.begins {
            return Err(ExportError::of(format_args!(
                "it is a message without a handler's name, so it is a term"
            )));
        }
        term::encode(value, self.out)
            .map_err(|error| ExportError::of(format_args!("{}: {error}", type_name::<T>())))
    }

    /// Writes nothing, since the message is for this node only.
    ///
    /// # Errors
    /// Always.
    pub fn stays(self) -> Result<(), ExportError> {
        Err(ExportError::of(format_args!("it is a message that stays on its node")))
    }
}

/// Where the arguments of one message are written.
#[derive(Debug)]
pub struct Exporting<'a> {
    out: &'a mut Vec<u8>,
    handler: &'static str,
    format: Format,
}

impl Exporting<'_> {
    pub(super) fn argument<T: Serialize>(self, name: &'static str, value: &T) -> Result<Self, ExportError> {
        match term::encode_as(self.format, value, self.out) {
            Ok(()) => Ok(self),
            Err(error) => Err(self.refused(name, type_name::<T>(), &error)),
        }
    }

    #[cold]
    fn refused(&self, name: &str, ty: &str, error: &term::EncodeError) -> ExportError {
        ExportError::of(format_args!("argument `{name}: {ty}` of `{}`: {error}", self.handler))
    }

    pub(super) fn stays(&self, name: &'static str) -> Result<(), ExportError> {
        let handler = self.handler;
        Err(ExportError::of(format_args!("argument `{name}` of `{handler}` stays on its node")))
    }

    /// All arguments are written.
    ///
    /// # Errors
    /// Never.
    pub fn end(self) -> Result<(), ExportError> {
        Ok(())
    }
}

/// A message, as other nodes read it.
pub(crate) struct Outgoing<'a, P: Protocol>(pub(crate) &'a P::Message);

impl<P: Protocol> Encode for Outgoing<'_, P> {
    fn encode(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.export(Begins::Name, out)
    }

    fn spoken(&self) -> Option<Spoken> {
        // Infos are told apart by what they are, which only terms say.
        (self.shape() != Shape::Info).then(|| Spoken { id: TypeId::of::<P>(), layout: layout::<P> })
    }

    fn encode_native(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.export(Begins::Number(P::handler(self.0)), out)
    }

    fn shape(&self) -> Shape {
        // Of a protocol that stays on its node nothing is written.
        P::SHAPES.get(usize::from(P::handler(self.0))).copied().unwrap_or(Shape::Info)
    }
}

impl<P: Protocol> Outgoing<'_, P> {
    fn export(&self, begins: Begins, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let start = out.len();
        P::export(self.0, Export { out: &mut *out, begins }).map_err(|ExportError(error)| {
            out.truncate(start);
            error
        })
    }
}

/// A value that is no message: the answer to a call.
pub(crate) struct Written<'a, T>(pub(crate) &'a T);

impl<T: Serialize> Written<'_, T> {
    fn write(&self, format: Format, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let what = |error| EncodeError(format!("the reply, {}: {error}", type_name::<T>()).into());
        term::encode_as(format, self.0, out).map_err(what)
    }
}

impl<T: Serialize> Encode for Written<'_, T> {
    fn encode(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.write(Format::Terms, out)
    }

    fn encode_native(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.write(Format::Native, out)
    }

    fn shape(&self) -> Shape {
        Shape::Info
    }
}
