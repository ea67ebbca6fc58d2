//! What a server understands, as types.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Address;

/// What a server understands: its messages, and the methods by which others send them.
///
/// `#[gen_server]` on an inherent `impl` makes the server its own protocol.
/// `#[protocol]` on a trait makes one that lives in a crate of its own, so that a caller need not link the server.
pub trait Protocol: Sized + 'static {
    /// The messages, one variant each.
    type Message: Send + 'static;
    /// The methods that send them; what [`Ref`](super::Ref) and [`Name`](super::Name) dereference to.
    type Client: Client<Self>;
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

/// How the messages of a protocol reach the handlers of a server; implemented by `#[protocol]`.
pub trait Dispatch<S> {
    /// What this message takes when it is serialised.
    #[doc(hidden)]
    fn weight(&self) -> usize {
        0
    }

    /// Handles this message with `server`.
    fn dispatch(self, server: &mut S) -> impl Future<Output = ()> + Send;
}
