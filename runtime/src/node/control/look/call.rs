//! Calls by hand: JSON in, JSON out, as what the protocol of the server says of itself.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::Value;
use tokio::sync::oneshot;

use super::from_term::FromTerm;
use super::into_term::IntoTerm;
use super::servers::{contract, methods};
use super::signature::{signature, written};
use super::{Refusal, find};
use crate::process::incoming::{ImportError, Incoming, ReplyPath, Sender};
use crate::process::remote::{Encode, Failure, Format, Shape};
use crate::process::{AnyCell, Node};
use crate::registry::contract::{Described, Handler, Kind};
use crate::term::{Atom, Term, decode};

/// What came of a call.
#[derive(Debug, Serialize)]
pub(super) struct Called {
    server: String,
    pid: String,
    method: String,
    kind: Kind,
    /// Null for a cast, which has none.
    reply: Value,
    took_us: u64,
}

/// Calls or casts `method` of the server, and waits for its reply for at most so long.
pub(super) async fn call(
    node: &Node,
    server: &str,
    method: &str,
    arguments: &[Value],
    wait: Duration,
) -> Result<Called, Refusal> {
    let process = find(node, server)?;
    let described = contract(&*process).ok_or_else(|| stays(server, &*process))?;
    let handler = handler(server, method, &described)?;
    let body = body(node, server, &described, handler, arguments)?;
    let begin = Instant::now();
    let reply = match handler.kind {
        Kind::Call => {
            let bytes =
                ask(&process, &body, wait).await.map_err(|failure| failed(server, method, wait, &failure))?;
            let term: Term = decode(&bytes).map_err(|error| Refusal::new("bad_reply", error.to_string()))?;
            let reply = handler.reply.as_ref();
            FromTerm { node, types: &described.contract.types }.value(reply, &term)
        }
        Kind::Cast | Kind::Info => {
            let incoming = incoming(Shape::Cast, &body, None, None);
            process.import(incoming).map_err(|error| not_taken(server, method, &error))?;
            Value::Null
        }
    };
    Ok(Called {
        server: server.to_owned(),
        pid: process.head().pid.to_string(),
        method: method.to_owned(),
        kind: handler.kind,
        reply,
        took_us: u64::try_from(begin.elapsed().as_micros()).unwrap_or(u64::MAX),
    })
}

/// The message, as another node would have written it.
fn body(
    node: &Node,
    server: &str,
    described: &Described,
    handler: &Handler,
    arguments: &[Value],
) -> Result<Vec<u8>, Refusal> {
    let bad = |text: String| {
        let refusal = Refusal::new("bad_arguments", text).with("server", server);
        refusal.with("method", handler.name.as_str()).with("signature", signature(handler))
    };
    let fields = &handler.arguments;
    let least = fields.iter().rposition(|field| !field.optional).map_or(0, |last| last + 1);
    if arguments.len() > fields.len() || arguments.len() < least {
        let plural = if fields.len() == 1 { "" } else { "s" };
        let (takes, given) = (fields.len(), arguments.len());
        let missing = fields.get(given).filter(|_| given < least);
        let missing = missing.map_or_else(String::new, |field| {
            format!("; `{}: {}` is missing", field.name, written(&field.ty))
        });
        let name = &handler.name;
        return Err(bad(format!(
            "`{name}` takes {takes} argument{plural}, and {given} given{missing}",
            given = were(given)
        )));
    }
    let reader = IntoTerm { node, types: &described.contract.types };
    let mut parts = vec![Term::Atom(Atom::from(handler.name.as_str()))];
    for (field, value) in fields.iter().zip(arguments) {
        let term = reader.term(&field.ty, value);
        parts.push(term.map_err(|problem| {
            bad(format!("argument `{}: {}` of `{}`: {problem}", field.name, written(&field.ty), handler.name))
        })?);
    }
    let message = match parts.len() {
        1 if fields.is_empty() => parts.swap_remove(0),
        _ => Term::Tuple(parts),
    };
    let mut body = Vec::new();
    message.write(&mut body).map_err(|error| bad(error.to_string()))?;
    Ok(body)
}

fn were(count: usize) -> String {
    match count {
        0 => "none was".to_owned(),
        1 => "1 was".to_owned(),
        many => format!("{many} were"),
    }
}

fn handler<'a>(server: &str, method: &str, described: &'a Described) -> Result<&'a Handler, Refusal> {
    let mut handlers = described.contract.handlers.iter().filter(|handler| handler.kind != Kind::Info);
    handlers.find(|handler| handler.name == method).ok_or_else(|| {
        let methods = methods(described);
        let (names, signatures): (Vec<_>, Vec<_>) =
            methods.into_iter().map(|method| (method.name, method.signature)).unzip();
        let refusal = Refusal::new("unknown_method", format!("`{server}` has no method `{method}`"));
        let refusal = refusal.with("server", server).with("method", method);
        refusal.with("known", names).with("signatures", signatures)
    })
}

fn stays(server: &str, process: &dyn AnyCell) -> Refusal {
    let label = process.head().label();
    let text = format!(
        "`{server}` is a `{}`, whose messages do not leave its node, so it cannot be called from outside",
        super::signature::last_part(label),
    );
    Refusal::new("local_server", text).with("server", server).with("type", label)
}

/// Where the reply comes back.
struct Path(Mutex<Option<oneshot::Sender<Outcome>>>);

/// A reply as it is written, or why there is none.
type Outcome = Result<Vec<u8>, Failure>;

impl Path {
    fn send(&self, outcome: Outcome) {
        let sender = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(sender) = sender {
            // Nobody waits any more: the time was over.
            drop(sender.send(outcome));
        }
    }
}

impl ReplyPath for Path {
    fn reply(&self, body: &dyn Encode) {
        let mut bytes = Vec::new();
        let written = body.encode(&mut bytes);
        self.send(written.map(|()| bytes).map_err(|error| Failure::BadMessage(error.0)));
    }

    fn fail(&self, failure: Failure) {
        self.send(Err(failure));
    }
}

fn incoming(
    shape: Shape,
    body: &[u8],
    reply: Option<Box<dyn ReplyPath>>,
    until: Option<Duration>,
) -> Incoming<'_> {
    Incoming { shape, format: Format::Terms, body, reply, from: None, until, sender: Sender::Beam }
}

async fn ask(process: &Arc<dyn AnyCell>, body: &[u8], wait: Duration) -> Outcome {
    let (sender, receiver) = oneshot::channel();
    let path = Box::new(Path(Mutex::new(Some(sender))));
    // What fails here is told through the path.
    drop(process.import(incoming(Shape::Call, body, Some(path), Some(wait))));
    match tokio::time::timeout(wait, receiver).await {
        Err(_elapsed) => Err(Failure::Timeout),
        Ok(Err(_dropped)) => Err(Failure::Dropped),
        Ok(Ok(outcome)) => outcome,
    }
}

fn failed(server: &str, method: &str, wait: Duration, failure: &Failure) -> Refusal {
    let (kind, text) = match failure {
        Failure::Timeout => ("timed_out", format!("did not answer within {wait:?}")),
        Failure::NoProc => ("exited", "has ended".to_owned()),
        Failure::Exited(reason) => ("exited", format!("ended before it answered: {reason}")),
        Failure::Full => ("mailbox_full", "has a full mailbox".to_owned()),
        Failure::Dropped => ("no_reply", "will not answer".to_owned()),
        Failure::BadMessage(text) => ("bad_message", format!("did not understand it: {text}")),
        Failure::NoConnection(node) => ("no_connection", format!("cannot be reached on {node}")),
    };
    let refusal = Refusal::new(kind, format!("`{server}` {text}"));
    refusal.with("server", server).with("method", method)
}

fn not_taken(server: &str, method: &str, error: &ImportError) -> Refusal {
    let refusal = Refusal::new("not_taken", format!("`{server}` did not take it: {error}"));
    refusal.with("server", server).with("method", method)
}
