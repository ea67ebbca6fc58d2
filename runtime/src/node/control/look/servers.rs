//! The servers that have names, and what each can be called with.

use serde::Serialize;

use super::signature::signature;
use crate::process::{AnyCell, Node};
use crate::registry::contract::{Described, Kind};

#[derive(Serialize)]
pub(super) struct Servers {
    servers: Vec<Server>,
}

#[derive(Serialize)]
struct Server {
    name: String,
    pid: String,
    application: String,
    #[serde(rename = "type")]
    label: &'static str,
    /// Empty if its messages do not cross nodes.
    methods: Vec<Method>,
}

#[derive(Serialize)]
pub(super) struct Method {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) signature: String,
}

/// All that have names, by name.
pub(super) fn all(node: &Node) -> Servers {
    let mut registered = node.registered();
    registered.sort_unstable();
    let server = |(name, pid): (std::sync::Arc<str>, _)| {
        let process = node.process(pid)?;
        let head = process.head();
        Some(Server {
            name: name.to_string(),
            pid: pid.to_string(),
            application: head.leader.name().to_owned(),
            label: head.label(),
            methods: contract(&*process).map_or_else(Vec::new, |contract| methods(&contract)),
        })
    };
    Servers { servers: registered.into_iter().filter_map(server).collect() }
}

/// What a process can be sent from outside; nothing if its messages stay on its node.
pub(super) fn contract(process: &dyn AnyCell) -> Option<Described> {
    let contract = process.head().kind().contract?;
    // What is found out runs code of users, which may panic.
    let described = crate::process::attempt(contract).ok().flatten()?;
    described.downcast().ok().map(|described| *described)
}

/// What can be called by its name.
pub(super) fn methods(described: &Described) -> Vec<Method> {
    let callable = described.contract.handlers.iter().filter(|handler| handler.kind != Kind::Info);
    callable
        .map(|handler| Method {
            name: handler.name.clone(),
            kind: handler.kind,
            signature: signature(handler),
        })
        .collect()
}
