//! The port mapper: which node of this machine listens on which port.
//!
//! Erlang's own `epmd` serves if it runs. Otherwise the first node that finds none serves itself, and when it ends,
//! another one takes the port over and all register again: nobody has to be started for it, and no node that lives is
//! missed for long.
//!
//! Source: *Erlang Distribution Protocol*, "EPMD Protocol".

mod client;
mod keeper;
mod protocol;
mod server;
#[cfg(test)]
mod tests;

use std::net::{Ipv4Addr, SocketAddr};

pub(crate) use client::{lookup, names};
pub(crate) use keeper::keep_registered;

/// Where the port mapper listens.
///
/// Source: OTP `epmd -port`, `ERL_EPMD_PORT`.
pub const DEFAULT_PORT: u16 = 4369;

/// The port mapper of this machine on `port`.
pub(crate) fn local(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

/// A node that asks to be found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Registration {
    /// The part of its name before the `@`.
    pub(crate) name: Box<str>,
    pub(crate) port: u16,
    /// Others do not connect to it by themselves.
    pub(crate) is_hidden: bool,
}

/// Whether these bytes are a request or an answer.
pub(crate) fn reads(bytes: &[u8]) -> bool {
    protocol::Request::read(bytes).is_some()
        || protocol::read_port(bytes).is_some()
        || protocol::read_names(bytes).is_some()
}

/// One request of each kind, without its length.
pub(crate) fn requests() -> Vec<Vec<u8>> {
    let registration = Registration { name: "c".into(), port: 9100, is_hidden: true };
    let requests = [
        protocol::Request::Register(registration),
        protocol::Request::Lookup("c".into()),
        protocol::Request::Names,
    ];
    requests.iter().map(|request| request.write().split_off(2)).collect()
}
