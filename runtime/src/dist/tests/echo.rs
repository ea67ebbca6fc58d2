//! A process that answers every call with what it was called with, and those who call it, below everything typed.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

use crate::process::incoming::{ImportError, Incoming, ReplyPath};
use crate::process::remote::{
    Answer, Encode, EncodeError, Failure, Far, Format, RemoteCall, Shape, Unreachable,
};
use crate::process::{AnyCell, ExitReason, Kind, Node, Pid, Spawn, run};
use crate::term::{self, Term};

/// What the echo of a node has heard that is no call, and the calls that it keeps.
#[derive(Default)]
pub(super) struct Heard {
    pub(super) messages: Mutex<VecDeque<Term>>,
    pub(super) kept: Mutex<Vec<Box<dyn ReplyPath>>>,
}

pub(super) fn heard(node: &Node) -> Arc<Heard> {
    node.extensions().get::<Heard>("")
}

const KIND: &Kind =
    &Kind { label: || "echo", handlers: None, import: Some(import), layout: None, contract: None };

/// Starts an echo under `name`; it ends with the reason that it is sent.
pub(super) fn start(node: &Node, name: &str) -> (Pid, oneshot::Sender<ExitReason>) {
    let spawn = Spawn { node: node.clone(), parent: None, leader: node.leader().clone(), kind: KIND };
    let cell: Arc<dyn AnyCell> = spawn.cell::<Infallible>();
    node.register(name.into(), &cell).expect("a free name");
    let (end, ended) = oneshot::channel();
    let pid = cell.head().pid;
    run(cell, async move { (ended.await.unwrap_or(ExitReason::Normal), ()) });
    (pid, end)
}

/// `keep` is kept unanswered; `drop` is given up; everything else is answered with itself.
fn import(process: &Arc<dyn AnyCell>, incoming: Incoming<'_>) -> Result<(), ImportError> {
    let message: Term =
        term::decode(incoming.body).map_err(|error| ImportError::BadMessage(error.to_string().into()))?;
    let heard = heard(&process.head().node);
    match incoming.reply {
        Some(reply) => match message.to_string().as_str() {
            "keep" => heard.kept.lock().unwrap_or_else(PoisonError::into_inner).push(reply),
            "drop" => reply.fail(Failure::Dropped),
            _ => reply.reply(&Body(Shape::Info, message)),
        },
        None => heard.messages.lock().unwrap_or_else(PoisonError::into_inner).push_back(message),
    }
    Ok(())
}

/// A term to be sent.
pub(super) struct Body(pub(super) Shape, pub(super) Term);

impl Encode for Body {
    fn encode(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        term::encode(&self.1, out).map_err(|error| EncodeError(error.to_string().into()))
    }

    fn shape(&self) -> Shape {
        self.0
    }
}

/// The outcome of a call.
struct Outcome(oneshot::Sender<Result<Term, Failure>>);

impl Answer for Outcome {
    fn reply(self: Box<Self>, _format: Format, body: &[u8]) {
        let answer = term::decode(body).map_err(|error| Failure::BadMessage(error.to_string().into()));
        let _left = self.0.send(answer);
    }

    fn fail(self: Box<Self>, failure: Failure) {
        let _left = self.0.send(Err(failure));
    }
}

/// Whoever has `name` on the node `on`, as `node` knows it.
pub(super) fn far(node: &Node, on: &str, name: &str) -> Far {
    Far::Name { node: node.node_id(on).expect("room"), name: Arc::<str>::from(name).into() }
}

/// A call that has been sent.
pub(super) struct Calling {
    outcome: oneshot::Receiver<Result<Term, Failure>>,
    sent: Option<RemoteCall>,
}

impl Calling {
    pub(super) async fn outcome(self) -> Result<Term, Failure> {
        let outcome = self.outcome.await.expect("every call has an outcome");
        drop(self.sent);
        outcome
    }
}

pub(super) fn begin_call(node: &Node, to: &Far, request: Term) -> Calling {
    let (sender, outcome) = oneshot::channel();
    let remote = node.remote().expect("distributed");
    let called =
        node.enter(|| remote.call(None, to, &Body(Shape::Call, request), None, Box::new(Outcome(sender))));
    let sent = match called {
        Ok(sent) => Some(sent),
        Err((unreachable, answer)) => {
            answer.fail(match unreachable {
                Unreachable::NoConnection => Failure::NoConnection("nowhere".into()),
                Unreachable::Full => Failure::Full,
                Unreachable::Encode(EncodeError(error)) => Failure::BadMessage(error),
            });
            None
        }
    };
    Calling { outcome, sent }
}

pub(super) async fn call(node: &Node, to: &Far, request: impl Into<Term>) -> Result<Term, Failure> {
    begin_call(node, to, request.into()).outcome().await
}
