//! What a server understands, as types.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Address;
use super::wire::{Export, ExportError, Import, ImportError, Shape, Terms, WayBack};

/// What a server understands: its messages, and the methods by which others send them.
///
/// `#[gen_server]` on an inherent `impl` makes the server its own protocol.
/// `#[protocol]` on a trait makes one that lives in a crate of its own, so that a caller need not link the server.
pub trait Protocol: Sized + 'static {
    /// The messages, one variant each.
    type Message: Send + 'static;
    /// The methods that send them; what [`Ref`](super::Ref) and [`Name`](super::Name) dereference to.
    type Client: Client<Self>;

    /// What the handlers are called, in the order of their numbers.
    const HANDLERS: &'static [&'static str] = &["handle"];

    /// The number of the handler that takes `message`: its place in [`HANDLERS`](Self::HANDLERS).
    fn handler(message: &Self::Message) -> u16 {
        let _one_for_all = message;
        0
    }

    /// Writes `message` as reports and traces show it: the handler and its arguments, as far as they are `Debug`.
    ///
    /// # Errors
    /// Only those of `f`.
    fn show(message: &Self::Message, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::HANDLERS.get(usize::from(Self::handler(message))).unwrap_or(&"handle"))
    }

    /// How the messages of each of the [`HANDLERS`](Self::HANDLERS) are wrapped for other nodes; nothing if they stay here.
    #[doc(hidden)]
    const SHAPES: &'static [Shape] = &[];

    /// Writes `message` for another node, without its way back.
    ///
    /// # Errors
    /// [`ExportError`] if it, or a part of it, has no form on the wire.
    #[doc(hidden)]
    fn export(message: &Self::Message, to: Export<'_>) -> Result<(), ExportError> {
        let _stays = message;
        to.stays()
    }

    /// Takes the way back out of a call.
    #[doc(hidden)]
    fn take_reply(message: &mut Self::Message) -> Option<WayBack> {
        let _stays = message;
        None
    }

    /// Tells `to` of what the messages that cross nodes consist.
    #[doc(hidden)]
    fn tell(to: &mut Terms) {
        let _they_stay = to;
    }

    /// Reads a message of another node.
    ///
    /// # Errors
    /// [`ImportError`] if it is none of this protocol.
    #[doc(hidden)]
    fn import(from: &mut Import<'_>) -> Result<Self::Message, ImportError> {
        let _stays = from;
        Err(ImportError::local())
    }
}

/// The generated methods of the protocol `P`, around the address they send to.
pub trait Client<P: Protocol>: Send + Sync + 'static {
    /// The methods, sending to `address`.
    fn new(address: Address<P>) -> Self;

    /// Where the methods send to.
    fn address(&self) -> &Address<P>;
}

/// What can cross nodes: plain data that serde can write and read.
///
/// Arguments and replies of every `#[call]` and `#[cast]` must be, because a deployment may put caller and server on
/// different nodes; a server that never leaves its node says `#[gen_server(local)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot cross nodes",
    label = "not `Serialize + DeserializeOwned + Send`",
    note = "derive `serde::Serialize` and `serde::Deserialize` for it, or keep the server on its node with \
            `#[gen_server(local)]`"
)]
pub trait Wire: Serialize + DeserializeOwned + Send + 'static {}

impl<T: Serialize + DeserializeOwned + Send + 'static> Wire for T {}

/// Compiles only for types that can cross nodes; called by generated code.
#[doc(hidden)]
pub const fn assert_wire<T: Wire>() {}
