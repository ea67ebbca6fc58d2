//! Writing messages.

use std::any::type_name;
use std::fmt;

use serde::Serialize;

use crate::process::remote::{Encode, EncodeError, Shape};
use crate::registry::Protocol;
use crate::term::{self, write};

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
pub struct Export<'a>(&'a mut Vec<u8>);

impl<'a> Export<'a> {
    /// Begins with the name of the handler; so many arguments follow.
    ///
    /// # Errors
    /// [`ExportError`] if the name is longer than an atom may be.
    pub fn begin(self, handler: &'static str, arguments: u32) -> Result<Exporting<'a>, ExportError> {
        let Self(out) = self;
        if arguments > 0 {
            write::tuple(arguments + 1, out);
        }
        write::atom(handler, out).map_err(|error| ExportError::of(format_args!("`{handler}`: {error}")))?;
        Ok(Exporting { out, handler })
    }

    /// Writes what is a message by itself.
    pub(super) fn bare<T: Serialize>(self, value: &T) -> Result<(), ExportError> {
        term::encode(value, self.0)
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
}

impl Exporting<'_> {
    pub(super) fn argument<T: Serialize>(self, name: &'static str, value: &T) -> Result<Self, ExportError> {
        let Self { out, handler } = self;
        match term::encode(value, out) {
            Ok(()) => Ok(Self { out, handler }),
            Err(error) => {
                let ty = type_name::<T>();
                Err(ExportError::of(format_args!("argument `{name}: {ty}` of `{handler}`: {error}")))
            }
        }
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
        let start = out.len();
        P::export(self.0, Export(out)).map_err(|ExportError(error)| {
            out.truncate(start);
            error
        })
    }

    fn shape(&self) -> Shape {
        // Of a protocol that stays on its node nothing is written.
        P::SHAPES.get(usize::from(P::handler(self.0))).copied().unwrap_or(Shape::Info)
    }
}

/// A value that is no message: the answer to a call.
pub(crate) struct Written<'a, T>(pub(crate) &'a T);

impl<T: Serialize> Encode for Written<'_, T> {
    fn encode(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let what = |error| EncodeError(format!("the reply, {}: {error}", type_name::<T>()).into());
        term::encode(self.0, out).map_err(what)
    }

    fn shape(&self) -> Shape {
        Shape::Info
    }
}
