//! `rex`, the server of `rpc`: what older nodes, C nodes, and `rpc:block_call` ask.

use std::sync::Arc;

use super::apply::{Call, Raised};
use super::identity::name;
use super::registered;
use super::reply::{Caller, pid_of, send};
use crate::process::incoming::{ImportError, Incoming};
use crate::process::remote::Shape;
use crate::process::{AnyCell, Kind, Node, spawn};
use crate::term::{Reader, Term};

const NAME: &str = "rex";

pub(super) fn start(node: &Node) {
    const KIND: &Kind = &registered::kind(|| NAME, import);
    registered::start(node, NAME, KIND);
}

fn import(process: &Arc<dyn AnyCell>, incoming: Incoming<'_>) -> Result<(), ImportError> {
    let node = &process.head().node;
    let body = Reader::new(incoming.body).term().map_err(|error| bad(&error))?;
    match (incoming.shape, incoming.reply) {
        (Shape::Call, Some(path)) => called(node, Caller::Path(path), &body),
        (Shape::Call, None) => Ok(()),
        (Shape::Cast, _) => cast(node, &body),
        (Shape::Info, _) => informed(node, &body),
    }
}

fn bad(what: &dyn std::fmt::Display) -> ImportError {
    ImportError::BadMessage(what.to_string().into())
}

/// `{call, M, F, A, GroupLeader}` and `{block_call, ...}`: nothing here is blocked by either.
fn called(node: &Node, caller: Caller, request: &Term) -> Result<(), ImportError> {
    match request.as_tuple() {
        Some([kind, rest @ ..]) if matches!(kind.as_atom(), Some("call" | "block_call")) => {
            let Some(call) = read(rest) else {
                caller.refuse("no function");
                return Err(bad(request));
            };
            run(node, call, |node, answer| caller.reply(node, answer));
            Ok(())
        }
        _ => {
            caller.refuse("rex answers only calls of functions");
            Err(bad(request))
        }
    }
}

/// `{cast, M, F, A, GroupLeader}`.
fn cast(node: &Node, request: &Term) -> Result<(), ImportError> {
    match request.as_tuple() {
        Some([kind, rest @ ..]) if kind.as_atom() == Some("cast") => {
            let call = read(rest).ok_or_else(|| bad(request))?;
            run(node, call, |_, _| {});
            Ok(())
        }
        _ => Err(bad(request)),
    }
}

/// `{Pid, features_request}` of a node that has just connected; `{Pid, {call, ...}}` of a C node, which is answered with
/// `{rex, Answer}`.
///
/// Source: `rpc:handle_info/2`; `ei_rpc_to`.
fn informed(node: &Node, message: &Term) -> Result<(), ImportError> {
    let Some([from, request]) = message.as_tuple() else { return Err(bad(message)) };
    let from = pid_of(node, from).ok_or_else(|| bad(message))?;
    if request.as_atom() == Some("features_request") {
        let features = Term::List(vec![Term::atom("erpc")]);
        let reply = Term::tuple([Term::atom("features_reply"), name(node.full_name()), features]);
        send(node, None, from, reply);
        return Ok(());
    }
    match request.as_tuple() {
        Some([kind, rest @ ..]) if kind.as_atom() == Some("call") => {
            let call = read(rest).ok_or_else(|| bad(message))?;
            run(node, call, move |node, answer| {
                send(node, None, from, Term::tuple([Term::atom(NAME), answer]));
            });
            Ok(())
        }
        _ => Err(bad(message)),
    }
}

/// `M, F, A, GroupLeader`; what runs here has a leader of this node.
fn read(parts: &[Term]) -> Option<Call> {
    let [module, function, arguments, _leader] = parts else { return None };
    Call::read(module, function, arguments)
}

/// Runs `call` in a process of its own.
fn run(node: &Node, call: Call, answer: impl FnOnce(&Node, Term) + Send + 'static) {
    let here = node.clone();
    let spawned = node.enter(|| {
        spawn(async move {
            let answered = match call.apply(&here).await {
                Ok(value) => value,
                Err(raised) => badrpc(raised, &call),
            };
            answer(&here, answered);
        })
    });
    debug_assert!(spawned.is_ok(), "this is a node");
}

/// Source: `rpc:call/4`: `{badrpc, {'EXIT', Reason}}`.
fn badrpc(raised: Raised, call: &Call) -> Term {
    let reason = match raised {
        Raised::Error(reason) => Term::tuple([reason, call.stack()]),
        Raised::Exit(reason) => reason,
    };
    Term::tuple([Term::atom("badrpc"), Term::tuple([Term::atom("EXIT"), reason])])
}
