//! How messages of servers are written for other nodes, and read: what generated code stands on.
//!
//! A request reads in Erlang as it would have been written there: `add(1)` is `{add, 1}`, `reset()` is `reset`, and what
//! comes to an `#[info]` is itself. The wrapping of calls and casts is not seen here.

mod compiled;
mod export;
mod import;
mod layout;
mod optional;
mod terms;

use std::marker::PhantomData;

use super::Wire;
pub(crate) use crate::process::incoming::ImportError as Refusal;
use crate::process::remote::Answer;
pub use crate::process::remote::Shape;
pub use compiled::Compiled;
pub(crate) use compiled::Protocols;
pub use export::{Export, ExportError, Exporting};
pub(crate) use export::{Outgoing, Written};
pub(crate) use import::read;
pub use import::{Import, ImportError};
#[doc(hidden)]
pub use inventory;
pub(crate) use layout::layout;
pub use terms::Terms;
pub(crate) use terms::contract_of;

/// A type: `(&Type::<T>::NEW).export(..)`, with both traits in scope, takes the first that fits, as
/// [`Weight`](super::Weight) does.
#[derive(Debug)]
pub struct Type<T>(PhantomData<fn() -> T>);

impl<T> Type<T> {
    /// The type.
    pub const NEW: Self = Self(PhantomData);
}

/// What can cross nodes.
pub trait Crosses<T> {
    /// Writes the argument called `name`.
    ///
    /// # Errors
    /// [`ExportError`] if the value has no form on the wire.
    fn export<'a>(
        &self,
        to: Exporting<'a>,
        name: &'static str,
        value: &T,
    ) -> Result<Exporting<'a>, ExportError>;

    /// Writes what is a message by itself.
    ///
    /// # Errors
    /// [`ExportError`] if the value has no form on the wire.
    fn export_bare(&self, to: Export<'_>, value: &T) -> Result<(), ExportError>;

    /// Reads the argument called `name`.
    ///
    /// # Errors
    /// [`ImportError`] if there is none, or none of this type.
    fn import(&self, from: &mut Import<'_>, name: &'static str) -> Result<T, ImportError>;

    /// Reads what is a message by itself; nothing if it is of another type.
    fn import_bare(&self, from: &Import<'_>) -> Option<T>;

    /// Tells of the argument called `name`.
    fn tell(&self, to: &mut Terms, name: &'static str);

    /// Tells of the answer.
    fn tell_reply(&self, to: &mut Terms);
}

/// What cannot.
pub trait Stays<T> {
    /// Refuses.
    ///
    /// # Errors
    /// Always.
    fn export<'a>(
        &self,
        to: Exporting<'a>,
        name: &'static str,
        value: &T,
    ) -> Result<Exporting<'a>, ExportError> {
        let _stays = value;
        to.stays(name).map(|()| to)
    }

    /// Refuses.
    ///
    /// # Errors
    /// Always.
    fn export_bare(&self, to: Export<'_>, value: &T) -> Result<(), ExportError> {
        let _stays = value;
        to.stays()
    }

    /// Refuses.
    ///
    /// # Errors
    /// Always.
    fn import(&self, from: &mut Import<'_>, name: &'static str) -> Result<T, ImportError> {
        let _stays = (from, name);
        Err(ImportError::local())
    }

    /// It is never read.
    fn import_bare(&self, from: &Import<'_>) -> Option<T> {
        let _stays = from;
        None
    }

    /// There is nothing to tell.
    fn tell(&self, to: &mut Terms, name: &'static str) {
        let _stays = (to, name);
    }

    /// There is nothing to tell.
    fn tell_reply(&self, to: &mut Terms) {
        let _stays = to;
    }
}

impl<T: Wire> Crosses<T> for Type<T> {
    fn export<'a>(
        &self,
        to: Exporting<'a>,
        name: &'static str,
        value: &T,
    ) -> Result<Exporting<'a>, ExportError> {
        to.argument(name, value)
    }

    fn export_bare(&self, to: Export<'_>, value: &T) -> Result<(), ExportError> {
        to.bare(value)
    }

    fn import(&self, from: &mut Import<'_>, name: &'static str) -> Result<T, ImportError> {
        from.argument(name)
    }

    fn import_bare(&self, from: &Import<'_>) -> Option<T> {
        from.bare()
    }

    fn tell(&self, to: &mut Terms, name: &'static str) {
        to.argument::<T>(name);
    }

    fn tell_reply(&self, to: &mut Terms) {
        to.reply::<T>();
    }
}

impl<T> Stays<T> for &Type<T> {}

/// The caller's end of a call that leaves this node.
pub struct WayBack(pub(crate) Box<dyn Answer>);

impl std::fmt::Debug for WayBack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WayBack").finish_non_exhaustive()
    }
}
